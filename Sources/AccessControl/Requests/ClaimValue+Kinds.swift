package import Credentials

/// Claims apart by what rules make of them: the one way by which they come to a ``Principal``, those of a token and
/// those that somebody supposes.
extension [String: ClaimValue] {
    /// Those that are a text.
    package var texts: [String: String] { compactMapValues(\.stringValue) }

    /// Those that are a list of texts; an empty list is one.
    package var lists: [String: [String]] { compactMapValues(\.list) }

    /// Those that are neither, but for null: a claim that is null is missing.
    package var others: [String: ClaimValue] { filter { $0.value.isOther } }
}

extension ClaimValue {
    /// Of texts; `nil` for anything else.
    fileprivate var list: [String]? { if case .array = self { stringValues } else { nil } }

    fileprivate var isOther: Bool { self != .null && stringValues == nil }
}
