extension StrictYAML {
    /// The same for a text in JSON: the value's one way of decoding reads both. A number counts as its text.
    /// - Parameters:
    ///   - bytes: UTF-8; as many as the caller wants to bear.
    ///   - file: the name to use in errors.
    package static func decodeJSON<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], file: String
    ) throws(InvalidYAML) -> Value {
        var composer = JSONComposer(bytes, file: file)
        return try value(of: try composer.document(), file: file)
    }

    /// What only the text itself says.
    package static func isWellFormedJSON(_ bytes: [UInt8]) -> Bool {
        var composer = JSONComposer(bytes, file: "")
        return (try? composer.document()) != nil
    }

    private static func value<Value: Decodable>(of node: YAMLNode, file: String) throws(InvalidYAML) -> Value {
        let source = DecodingSource(file: file, overrides: EnvironmentOverrides(environment: [:], prefix: nil))
        let decoder = NodeDecoder(node: node, path: [], source: source)
        do {
            return try Value(from: decoder)
        } catch {
            throw decoder.relocated(error) as? InvalidYAML
                ?? InvalidYAML(file: file, position: nil, message: "\(error)")
        }
    }
}
