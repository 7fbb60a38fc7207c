import Yams

extension YAMLNode {
    /// Parses one document; an empty one is an empty mapping.
    static func parse(_ text: String, file: String) throws(InvalidYAML) -> YAMLNode {
        guard text.utf8.count <= Limits.bytes else {
            throw InvalidYAML(file: file, position: nil, message: "is larger than \(Limits.bytes) bytes")
        }
        var budget = Limits.nodes
        do {
            guard let root = try Yams.compose(yaml: text, Resolver.basic) else {
                return .mapping([], SourcePosition(line: 1, column: 1))
            }
            return try YAMLNode(root, depth: 0, budget: &budget, file: file)
        } catch let error as InvalidYAML {
            throw error
        } catch let error as YamlError {
            throw InvalidYAML(error, file: file)
        } catch {
            throw InvalidYAML(file: file, position: nil, message: "is not YAML")
        }
    }

    /// Far beyond any sensible configuration, and far below what could exhaust stack or memory. libyaml itself stops at
    /// a nesting of 1,000.
    private enum Limits {
        static let bytes = 1 << 20
        static let depth = 64
        /// Counted after aliases are expanded, so that a "billion laughs" document ends here.
        static let nodes = 200_000
    }

    private init(_ node: Node, depth: Int, budget: inout Int, file: String) throws(InvalidYAML) {
        let position = SourcePosition(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        budget -= 1
        guard budget > 0, depth <= Limits.depth else {
            throw InvalidYAML(file: file, position: position, message: "is nested too deeply or too large")
        }
        switch node {
        case .scalar(let scalar):
            self = .scalar(text: scalar.string, isQuoted: scalar.style != .plain && scalar.style != .any, position)
        case .sequence(let elements):
            var children: [YAMLNode] = []
            for element in elements {
                children.append(try YAMLNode(element, depth: depth + 1, budget: &budget, file: file))
            }
            self = .sequence(children, position)
        case .mapping(let pairs):
            var entries: [Entry] = []
            for (key, value) in pairs {
                let value = try YAMLNode(value, depth: depth + 1, budget: &budget, file: file)
                entries.append(try Entry(key: key, value: value, file: file))
            }
            self = .mapping(entries, position)
        case .alias:
            throw InvalidYAML(file: file, position: position, message: "has an alias where a value is needed")
        }
    }
}

extension YAMLNode.Entry {
    fileprivate init(key: Node, value: YAMLNode, file: String) throws(InvalidYAML) {
        let position = SourcePosition(line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
        guard case .scalar(let scalar) = key else {
            throw InvalidYAML(file: file, position: position, message: "has a key that is not a single value")
        }
        self.init(key: scalar.string, keyPosition: position, value: value)
    }
}

extension InvalidYAML {
    fileprivate init(_ error: YamlError, file: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init(
                file: file, position: SourcePosition(line: mark.line, column: mark.column),
                message: "is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            self.init(
                file: file, position: SourcePosition(line: context.mark.line, column: context.mark.column),
                message: "a mapping has a key twice: \(keys.sorted().joined(separator: ", "))")
        case .reader(let problem, _, _, _):
            self.init(file: file, position: nil, message: "is not YAML: \(problem)")
        default:
            self.init(file: file, position: nil, message: "is not YAML")
        }
    }
}
