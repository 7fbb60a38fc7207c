/// A decoded document that still knows where each setting stands, for rules that only whoever uses the value can check.
package struct DecodedYAML<Value> {
    package let value: Value
    private let root: YAMLNode
    private let source: DecodingSource

    init(value: Value, root: YAMLNode, source: DecodingSource) {
        self.value = value
        self.root = root
        self.source = source
    }

    /// The error that the setting at `path`, such as `listeners[0].address`, breaks a rule. It names the setting's place,
    /// that of the nearest part around it if it is absent, or the environment variable that the value came from.
    /// - Parameter what: completes the sentence "PATH …".
    package func invalid(at path: String, _ what: String) -> InvalidYAML {
        let keys = path.replacing("[", with: ".[").split(separator: ".").map(String.init)
        // A variable with a list has all that lies below it.
        let named = Array(keys.prefix { !$0.hasPrefix("[") })
        if let (name, _) = source.overrides.value(at: named) {
            return InvalidYAML(file: "environment variable \(name)", position: nil, message: "\(path) \(what)")
        }
        let position = source.hasPositions ? place(of: keys) : nil
        return InvalidYAML(file: source.file, position: position, message: "\(path) \(what)")
    }

    private func place(of keys: [String]) -> SourcePosition {
        var node = root
        for key in keys {
            guard let child = node.child(key) else { break }
            node = child
        }
        return node.position
    }
}

extension YAMLNode {
    /// What `key` or, in a list, `[0]` leads to.
    fileprivate func child(_ key: String) -> YAMLNode? {
        switch self {
        case .scalar: return nil
        case .mapping(let entries, _): return entries.first { $0.key == key }?.value
        case .sequence(let elements, _):
            guard key.hasPrefix("["), let index = Int(key.dropFirst().dropLast()), elements.indices.contains(index)
            else { return nil }
            return elements[index]
        }
    }
}
