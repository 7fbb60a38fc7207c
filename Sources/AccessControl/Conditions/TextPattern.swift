/// How texts are compared, byte by byte of their UTF-8: letters that only look alike, and different spellings of the same
/// letter, are different.
enum TextMatching: Sendable {
    case exact
    /// A to Z equal a to z; all other letters are compared as they are.
    case ignoringCase
    /// `*` stands for any characters or none, `?` for exactly one.
    case wildcards
}

/// A text to compare with, in which variables stand for values of the context.
struct TextPattern: Sendable {
    enum Part: Sendable, Hashable {
        case literal(String)
        /// `?`
        case one
        /// `*`
        case many
        case variable(ConditionKey, default: String?)
    }

    private enum Prepared: Sendable {
        case literal(String)
        case glob(GlobPattern)
        /// Has variables.
        case template
    }

    let parts: [Part]
    private let prepared: Prepared

    init(_ parts: [Part]) {
        self.parts = parts
        let hasVariables = parts.contains { if case .variable = $0 { true } else { false } }
        let hasWildcards = parts.contains { $0 == .one || $0 == .many }
        prepared =
            if hasVariables { .template } else if hasWildcards { .glob(GlobPattern(parts)) } else {
                .literal(Self.text(of: parts))
            }
    }

    /// Unknown if a variable has no single text and no default that could stand in for it.
    func verdict(on text: String, matching: TextMatching, in context: ConditionContext) -> ConditionVerdict {
        switch prepared {
        case .literal(let wanted): return ConditionVerdict(Self.equal(text, wanted, matching))
        case .glob(let glob): return ConditionVerdict(glob.matches(text))
        case .template:
            let (resolved, unknown) = resolved(in: context)
            guard unknown.isEmpty else { return .unknown(unknown) }
            return matching == .wildcards
                ? ConditionVerdict(GlobPattern(resolved).matches(text))
                : ConditionVerdict(Self.equal(text, Self.text(of: resolved), matching))
        }
    }

    var variables: [ConditionKey] {
        parts.compactMap { if case .variable(let key, _) = $0 { key } else { nil } }
    }

    /// The text with its variables filled in, for people; `nil` if it has none or one of them is unknown.
    func resolvedText(in context: ConditionContext) -> String? {
        guard case .template = prepared else { return nil }
        let (resolved, unknown) = resolved(in: context)
        return unknown.isEmpty ? Self.text(of: resolved) : nil
    }

    /// A value is taken literally, so that nobody can bring a wildcard along in a claim.
    private func resolved(in context: ConditionContext) -> (parts: [Part], unknown: Set<ConditionKey>) {
        var unknown: Set<ConditionKey> = []
        let resolved = parts.map { part in
            guard case .variable(let key, let standIn) = part else { return part }
            switch (context.value(of: key), standIn) {
            case (.text(let text), _), (nil, .some(let text)): return .literal(text)
            default:
                unknown.insert(key)
                return part
            }
        }
        return (resolved, unknown)
    }

    private static func equal(_ text: String, _ wanted: String, _ matching: TextMatching) -> Bool {
        guard text.utf8.count == wanted.utf8.count else { return false }
        return matching == .ignoringCase
            ? text.utf8.elementsEqual(wanted.utf8) { asciiLowercased($0) == asciiLowercased($1) }
            : text.utf8.elementsEqual(wanted.utf8)
    }

    private static func text(of parts: [Part]) -> String {
        parts.reduce(into: "") { text, part in
            switch part {
            case .literal(let literal): text += literal
            case .one: text += "?"
            case .many: text += "*"
            case .variable: break
            }
        }
    }
}
