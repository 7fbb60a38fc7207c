import FoundationEssentials

/// Reads configuration written in YAML into one `Decodable` value, strictly: an unknown key, a key given twice, a wrong
/// type or a missing value is an ``InvalidYAML`` that names file, line, column and path.
///
/// Which keys are known is what the value's `CodingKeys` say; nothing is listed twice.
package enum StrictYAML {
    /// Decodes `text`.
    ///
    /// With an `environmentPrefix`, each scalar can be overridden by a variable: with the prefix `STSBROKERD`,
    /// `STSBROKERD_BROKER_URL` stands for `broker.url`. Lists can't be overridden. A variable with the prefix that names
    /// no scalar is an error, like an unknown key.
    /// - Parameter file: the name to use in errors.
    package static func decode<Value: Decodable>(
        _ type: Value.Type,
        from text: String,
        file: String,
        environment: [String: String] = [:],
        environmentPrefix: String? = nil
    ) throws(InvalidYAML) -> Value {
        try document(
            type, from: text, file: file,
            overrides: EnvironmentOverrides(environment: environment, prefix: environmentPrefix)
        ).value
    }

    /// Reads and decodes the file at `path`, of at most 1 MiB.
    package static func read<Value: Decodable>(
        _ type: Value.Type,
        path: String,
        environment: [String: String] = [:],
        environmentPrefix: String? = nil
    ) throws(InvalidYAML) -> Value {
        try readDocument(type, path: path, environment: environment, environmentPrefix: environmentPrefix).value
    }

    /// The same, for a value with rules that its decoding doesn't check.
    package static func readDocument<Value: Decodable>(
        _ type: Value.Type,
        path: String,
        environment: [String: String] = [:],
        environmentPrefix: String? = nil
    ) throws(InvalidYAML) -> DecodedYAML<Value> {
        try document(
            type, from: try text(ofFileAt: path), file: path,
            overrides: EnvironmentOverrides(environment: environment, prefix: environmentPrefix))
    }

    private static func document<Value: Decodable>(
        _ type: Value.Type, from text: String, file: String, overrides: EnvironmentOverrides
    ) throws(InvalidYAML) -> DecodedYAML<Value> {
        let source = DecodingSource(file: file, overrides: overrides)
        do {
            let root = try YAMLNode.parse(text, file: file)
            let value = try Value(from: NodeDecoder(node: root, path: [], source: source))
            try overrides.requireAllUsed()
            return DecodedYAML(value: value, root: root, source: source)
        } catch let error as InvalidYAML {
            throw error
        } catch {
            throw InvalidYAML(file: file, position: nil, message: "\(error)")
        }
    }

    private static func text(ofFileAt path: String) throws(InvalidYAML) -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw InvalidYAML(file: path, position: nil, message: "can't be read: \(readFailure(error))")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw InvalidYAML(file: path, position: nil, message: "is not UTF-8 text")
        }
        return text
    }

    private static func readFailure(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile: "no such file"
        case .fileReadNoPermission: "permission denied"
        case .some, nil: "it is not a readable file"
        }
    }
}
