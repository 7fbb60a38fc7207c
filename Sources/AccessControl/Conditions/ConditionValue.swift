import Credentials

/// The value of one key in a context.
enum ConditionValue: Sendable, Hashable {
    case text(String)
    /// At least one.
    case texts([String])
    /// A number, seconds since 1970 for a date, minutes for a time of day. Finite.
    case number(Double)
    case flag(Bool)
    case address(SourceAddress)
    /// There is a value, but it can't be judged; for people, what it is.
    case unusable(String)

    /// `nil` for no text and for an empty one.
    init?(text: String?) {
        guard let text, !text.isEmpty else { return nil }
        self = text.utf8.count <= ConditionLimits.contextTextBytes ? .text(text) : Self.overlong(text)
    }

    /// `nil` for no text, and for a single empty one.
    init?(texts: [String]) {
        guard texts != [""], let first = texts.first else { return nil }
        if texts.count > ConditionLimits.contextListValues {
            self = .unusable("a list of \(texts.count) values")
        } else if let long = texts.first(where: { $0.utf8.count > ConditionLimits.contextTextBytes }) {
            self = Self.overlong(long)
        } else {
            self = texts.count == 1 ? .text(first) : .texts(texts)
        }
    }

    /// Of a claim that is neither a text nor a list of texts. A Boolean and a number stay what they are: neither is ever
    /// compared as a text, nor a text as one of them.
    init(other claim: ClaimValue) {
        self =
            switch claim {
            case .bool(let flag): .flag(flag)
            case .number(let number) where number.isFinite: .number(number)
            default: .unusable("neither a text, a list of texts, a number, nor true or false")
            }
    }

    private static func overlong(_ text: String) -> ConditionValue {
        .unusable("a text of \(text.utf8.count) bytes")
    }
}
