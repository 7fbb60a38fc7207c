/// A parsed YAML document, with the place of each part.
indirect enum YAMLNode: Sendable {
    /// `isQuoted` tells `"null"` from `null`.
    case scalar(text: String, isQuoted: Bool, SourcePosition)
    case sequence([YAMLNode], SourcePosition)
    case mapping([Entry], SourcePosition)

    struct Entry: Sendable {
        let key: String
        let keyPosition: SourcePosition
        let value: YAMLNode
    }

    var position: SourcePosition {
        switch self {
        case .scalar(_, _, let position), .sequence(_, let position), .mapping(_, let position): position
        }
    }

    /// YAML 1.2 core schema: an unquoted `null`, `~` or nothing at all.
    var isNull: Bool {
        guard case .scalar(let text, isQuoted: false, _) = self else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What a person would call this kind of node.
    var kind: String {
        switch self {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
