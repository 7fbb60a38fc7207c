/// Reads a mapping whose known keys are those that `Key` accepts; any other key is an error.
struct MappingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: NodeDecoder
    private let entries: [YAMLNode.Entry]

    init(decoder: NodeDecoder) throws {
        guard case .mapping(let entries, _) = decoder.node else {
            throw decoder.mismatch(expected: "a mapping")
        }
        self.decoder = decoder
        self.entries = entries
        for entry in entries where Key(stringValue: entry.key) == nil {
            throw decoder.invalid("has an unknown key \"\(entry.key)\"", at: entry.keyPosition)
        }
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { entries.compactMap { Key(stringValue: $0.key) } }

    func contains(_ key: Key) -> Bool {
        entry(key) != nil || decoder.source.overrides.reaches(path(to: key))
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        guard !decoder.source.overrides.reaches(path(to: key)) else { return false }
        return entry(key)?.value.isNull ?? true
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try ScalarContainer(decoder: try child(key)).decode(type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try child(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try child(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try child(key) }

    /// The value of `key`: the environment's, else the file's, else an empty mapping if a variable lies below it.
    private func child(_ key: Key) throws -> NodeDecoder {
        let path = path(to: key)
        let overrides = decoder.source.overrides
        if let (name, text) = overrides.value(at: path) {
            let node = YAMLNode.scalar(text: text, isQuoted: true, SourcePosition(line: 1, column: 1))
            let source = DecodingSource(
                file: "environment variable \(name)", isVariable: true, hasPositions: false, overrides: overrides)
            return NodeDecoder(node: node, path: path, source: source)
        }
        if let entry = entry(key), !(entry.value.isNull && overrides.reaches(path)) {
            return NodeDecoder(node: entry.value, path: path, source: decoder.source)
        }
        guard overrides.reaches(path) else {
            throw decoder.invalid("lacks the key \"\(key.stringValue)\"\(unsetVariable(at: path))")
        }
        return NodeDecoder(node: .mapping([], decoder.node.position), path: path, source: decoder.source)
    }

    /// Without a file, what could have been set instead.
    private func unsetVariable(at path: [String]) -> String {
        guard !decoder.source.hasPositions, let name = decoder.source.overrides.name(of: path) else { return "" }
        return "; no variable \(name) or \(name)_… is set"
    }

    private func entry(_ key: Key) -> YAMLNode.Entry? {
        entries.first { $0.key == key.stringValue }
    }

    private func path(to key: Key) -> [String] { decoder.path + [key.stringValue] }
}
