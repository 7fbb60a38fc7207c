/// An element of an STS answer, which holds a text or other elements.
struct XMLElement: Sendable {
    enum Content: Sendable {
        case text(String)
        case elements([XMLElement])
    }

    var name: String
    var content: Content

    init(_ name: String, _ text: String) {
        self.name = name
        content = .text(text)
    }

    init(_ name: String, _ elements: [XMLElement]) {
        self.name = name
        content = .elements(elements)
    }

    /// The document with this element as its root, in STS's namespace.
    var document: String {
        rendered(attributes: " xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"", depth: 0)
    }

    private func rendered(attributes: String = "", depth: Int) -> String {
        let indent = String(repeating: "  ", count: depth)
        switch content {
        case .text(let text):
            return "\(indent)<\(name)\(attributes)>\(MarkupEscaping.escaped(text))</\(name)>\n"
        case .elements(let elements):
            let inner = elements.map { $0.rendered(depth: depth + 1) }.joined()
            return "\(indent)<\(name)\(attributes)>\n\(inner)\(indent)</\(name)>\n"
        }
    }
}
