/// An element of a small XML document: what STS sends, and nothing more of XML than that.
///
/// FoundationXML is not used: its parser (6.3) accepts unclosed elements and document types without an error, and links
/// the system's libxml2 and ICU.
struct XMLElement: Sendable, Equatable {
    let name: String
    /// All character data directly inside the element.
    var text = ""
    var children: [XMLElement] = []

    /// Reads a whole document. Fails with an ``XMLFault`` on anything that is not well-formed, and on document types,
    /// processing instructions, comments, CDATA, unknown entities, and documents deeper or larger than STS's.
    static func parse(_ bytes: [UInt8]) throws(XMLFault) -> XMLElement {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw XMLFault(offset: 0, reason: "it is not UTF-8")
        }
        var parser = XMLDocumentParser(bytes: bytes)
        return try parser.document()
    }

    /// The first child of that name.
    func child(_ name: String) -> XMLElement? {
        children.first { $0.name == name }
    }

    /// The first element of that name at any depth, itself included. Depth is bounded by the parser.
    func descendant(_ name: String) -> XMLElement? {
        if self.name == name { return self }
        for child in children {
            if let found = child.descendant(name) { return found }
        }
        return nil
    }

    /// The text without white space at its ends.
    var trimmedText: String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !Self.isSpace($0) }),
            let last = scalars.lastIndex(where: { !Self.isSpace($0) })
        else { return "" }
        return String(scalars[first...last])
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
    }
}

/// Where and why a text is not the XML that STS sends.
struct XMLFault: Error, Equatable, CustomStringConvertible {
    /// Bytes from the start.
    let offset: Int
    let reason: String

    var description: String { "\(reason) (at byte \(offset))" }
}
