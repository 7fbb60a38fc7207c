/// Makes nodes of events: one document, its anchors put in place of their aliases.
struct YAMLComposer {
    /// Far beyond any sensible configuration, and far below what could exhaust stack or memory. libyaml itself stops at
    /// a nesting of 1,000.
    enum Limits {
        static let bytes = 1 << 20
        static let depth = 64
        /// Counted after aliases are expanded, so that a "billion laughs" document ends here.
        static let nodes = 200_000
    }

    /// A node with the number of nodes in it and how deep they go.
    fileprivate struct Composed {
        var node: YAMLNode
        var size = 1
        var height = 0
    }

    private let events: YAMLEvents
    private let file: String
    private var anchors: [String: Composed] = [:]
    /// Nodes so far, those of aliases counted each time.
    private var size = 0

    init(_ text: String, file: String) throws(InvalidYAML) {
        guard text.utf8.count <= Limits.bytes else {
            throw InvalidYAML(file: file, position: nil, message: "is larger than \(Limits.bytes) bytes")
        }
        events = try YAMLEvents(text, file: file)
        self.file = file
    }

    /// The only document; an empty one is an empty mapping.
    mutating func document() throws(InvalidYAML) -> YAMLNode {
        var root: YAMLNode?
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamEnd: return root ?? .mapping([], SourcePosition(line: 1, column: 1))
            case .documentStart:
                guard root == nil else { throw invalid("has more than one document", at: event.position) }
                root = try compose(try events.next(), depth: 0).node
            default: continue
            }
        }
    }

    private mutating func compose(_ event: YAMLEvent, depth: Int) throws(InvalidYAML) -> Composed {
        if let tag = event.tag { throw invalid("has the tag \(tag), but tags mean nothing here", at: event.position) }
        try count(1, height: depth, at: event.position)
        let composed: Composed
        switch event.kind {
        case .scalar(let text, let isQuoted):
            composed = Composed(node: .scalar(text: text, isQuoted: isQuoted, event.position))
        case .sequenceStart: composed = try sequence(at: event.position, depth: depth)
        case .mappingStart: composed = try mapping(at: event.position, depth: depth)
        case .alias(let name):
            guard let anchored = anchors[name] else {
                throw invalid("has an alias of nothing: *\(name)", at: event.position)
            }
            try count(anchored.size - 1, height: depth + anchored.height, at: event.position)
            return anchored
        default: throw invalid("is not YAML", at: event.position)
        }
        if let anchor = event.anchor { anchors[anchor] = composed }
        return composed
    }

    private mutating func sequence(at position: SourcePosition, depth: Int) throws(InvalidYAML) -> Composed {
        var elements: [YAMLNode] = []
        var whole = Composed(node: .sequence([], position))
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { break }
            let element = try compose(event, depth: depth + 1)
            elements.append(element.node)
            whole.add(element)
        }
        whole.node = .sequence(elements, position)
        return whole
    }

    private mutating func mapping(at position: SourcePosition, depth: Int) throws(InvalidYAML) -> Composed {
        var entries: [YAMLNode.Entry] = []
        var keys: Set<String> = []
        var whole = Composed(node: .mapping([], position))
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { break }
            let key = try compose(event, depth: depth + 1)
            guard case .scalar(let text, _, _) = key.node else {
                throw invalid("has a key that is not a single value", at: event.position)
            }
            guard keys.insert(text).inserted else {
                throw invalid("a mapping has a key twice: \(text)", at: event.position)
            }
            let value = try compose(try events.next(), depth: depth + 1)
            entries.append(YAMLNode.Entry(key: text, keyPosition: event.position, value: value.node))
            whole.add(value)
        }
        whole.node = .mapping(entries, position)
        return whole
    }

    private mutating func count(_ nodes: Int, height: Int, at position: SourcePosition) throws(InvalidYAML) {
        size += nodes
        guard size < Limits.nodes, height <= Limits.depth else {
            throw invalid("is nested too deeply or too large", at: position)
        }
    }

    private func invalid(_ message: String, at position: SourcePosition) -> InvalidYAML {
        InvalidYAML(file: file, position: position, message: message)
    }
}

extension YAMLComposer.Composed {
    fileprivate mutating func add(_ child: Self) {
        size += child.size
        height = max(height, child.height + 1)
    }
}
