/// What all decoders of one document share.
struct DecodingSource: Sendable {
    /// The file, or the environment variable that a value came from.
    let file: String
    /// Whether all comes from one environment variable.
    var isVariable = false
    /// Whether positions mean something; not in a variable, nor without a file.
    var hasPositions = true
    let overrides: EnvironmentOverrides
}

/// Decodes a node, or the absence of one that an environment variable may fill.
struct NodeDecoder: Decoder {
    let node: YAMLNode
    /// The keys that lead here; a list's element is `[0]`.
    let path: [String]
    let source: DecodingSource

    var codingPath: [any CodingKey] { path.map(PathKey.init(stringValue:)) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try MappingContainer<Key>(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .sequence(let elements, _) = try listNode() else { throw mismatch(expected: "a list") }
        return SequenceContainer(decoder: self, elements: elements)
    }

    /// A variable that stands for a list has it as YAML, of which JSON is a part.
    private func listNode() throws -> YAMLNode {
        guard source.isVariable, !path.contains(where: { $0.hasPrefix("[") }), case .scalar(let text, _, _) = node
        else { return node }
        var composer = try YAMLComposer(text, file: source.file)
        return try composer.document()
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        ScalarContainer(decoder: self)
    }

    /// An error at this node. `what` completes the sentence "PATH …".
    func invalid(_ what: String, at position: SourcePosition? = nil) -> InvalidYAML {
        InvalidYAML(
            file: source.file, position: source.hasPositions ? position ?? node.position : nil,
            message: subject + " " + what)
    }

    func mismatch(expected: String) -> InvalidYAML {
        invalid("must be \(expected), but is \(node.kind)")
    }

    /// A type's own refusal, moved to this node.
    func relocated(_ error: any Error) -> any Error {
        switch error {
        case let error as InvalidYAML: error
        case DecodingError.dataCorrupted(let context): invalid(context.debugDescription)
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.keyNotFound(_, let context):
            invalid("is invalid: \(context.debugDescription)")
        default: invalid("is invalid: \(error)")
        }
    }

    private var subject: String {
        path.isEmpty ? "the document" : path.joined(separator: ".").replacing(".[", with: "[")
    }
}

/// A key of any name.
struct PathKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
