import Glibc

/// Reads configuration written in YAML into one `Decodable` value, strictly: an unknown key, a key given twice, a wrong
/// type or a missing value is an ``InvalidYAML`` that names file, line, column and path.
///
/// Which keys are known is what the value's `CodingKeys` say; nothing is listed twice.
package enum StrictYAML {
    /// In bytes.
    package static let longestFile = YAMLComposer.Limits.bytes

    /// Decodes `text`.
    ///
    /// With an `environmentPrefix`, each scalar can be overridden by a variable: with the prefix `STSBROKERD`,
    /// `STSBROKERD_BROKER_URL` stands for `broker.url`. A variable for a list has the whole list as YAML; its elements have
    /// no variables. A variable with the prefix that names neither is an error, like an unknown key.
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

    /// A value that environment variables alone make, as if they overrode an empty file. Errors name the variable, or what
    /// could have been set.
    package static func environmentDocument<Value: Decodable>(
        _ type: Value.Type, environment: [String: String], environmentPrefix: String
    ) throws(InvalidYAML) -> DecodedYAML<Value> {
        try document(
            type, from: "", file: "environment",
            overrides: EnvironmentOverrides(environment: environment, prefix: environmentPrefix), isFile: false)
    }

    private static func document<Value: Decodable>(
        _ type: Value.Type, from text: String, file: String, overrides: EnvironmentOverrides, isFile: Bool = true
    ) throws(InvalidYAML) -> DecodedYAML<Value> {
        let source = DecodingSource(file: file, hasPositions: isFile, overrides: overrides)
        do {
            var composer = try YAMLComposer(text, file: file)
            let root = try composer.document()
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
        guard let bytes = bytes(ofFileAt: path) else {
            throw InvalidYAML(file: path, position: nil, message: "can't be read: \(readFailure(errno))")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw InvalidYAML(file: path, position: nil, message: "is not UTF-8 text")
        }
        return text
    }

    /// No more of them than are needed to see that there are too many. `nil` with `errno` if the file can't be read.
    private static func bytes(ofFileAt path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        return withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { chunk in
            while bytes.count <= YAMLComposer.Limits.bytes {
                let length = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
                guard length >= 0 else { return nil }
                guard length > 0 else { break }
                bytes.append(contentsOf: chunk[..<length])
            }
            return bytes
        }
    }

    private static func readFailure(_ error: CInt) -> String {
        switch error {
        case ENOENT: "no such file"
        case EACCES: "permission denied"
        default: "it is not a readable file"
        }
    }
}
