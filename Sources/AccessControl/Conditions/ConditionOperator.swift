/// A condition operator as IAM spells it: a set prefix, a comparison, and `IfExists` (IAM user guide, "Condition
/// operators" and "Set operators for multivalued context keys"). Names are case-sensitive.
package struct ConditionOperator: Sendable, Hashable, CustomStringConvertible {
    /// How the values of a key with several are to be taken.
    package enum Quantifier: String, Sendable, CaseIterable {
        case one = ""
        case forAnyValue = "ForAnyValue:"
        case forAllValues = "ForAllValues:"
    }

    package let quantifier: Quantifier
    package let comparison: Comparison
    /// Whether the line holds when its key is missing.
    package let ifExists: Bool

    /// Fails for what IAM has no such operator for, or what the broker doesn't support; names what was probably meant.
    init(parsing name: String) throws(InvalidCondition) {
        let quantifier = Quantifier.allCases.last { name.hasPrefix($0.rawValue) } ?? .one
        let rest = String(name.dropFirst(quantifier.rawValue.count))
        let suffix = "IfExists"
        ifExists = rest.hasSuffix(suffix) && rest != suffix
        guard let comparison = Comparison(rawValue: ifExists ? String(rest.dropLast(suffix.count)) : rest) else {
            throw InvalidCondition(operatorName: name, Self.unknown(name))
        }
        if comparison == .null, ifExists || quantifier != .one {
            throw InvalidCondition(operatorName: name, "is no operator: Null takes neither prefix nor IfExists")
        }
        self.quantifier = quantifier
        self.comparison = comparison
    }

    package var description: String {
        quantifier.rawValue + comparison.rawValue + (ifExists ? "IfExists" : "")
    }

    private static func unknown(_ name: String) -> String {
        let (prefix, rest) = split(name)
        if rest.hasPrefix("Arn") { return "is not supported; use StringEquals or StringLike for ARNs" }
        if rest.hasPrefix("Binary") { return "is not supported; no key has binary values" }
        let plain = Comparison.allCases.map(\.rawValue)
        let names = plain + plain.filter { $0 != Comparison.null.rawValue }.map { $0 + "IfExists" }
        let quantifiers = Quantifier.allCases.map(\.rawValue)
        guard let near = Spelling.closest(to: rest, among: names),
            let quantifier = prefix.isEmpty ? "" : Spelling.closest(to: prefix, among: quantifiers)
        else { return "is no operator" }
        return "is no operator" + Spelling.hint(quantifier + near)
    }

    private static func split(_ name: String) -> (prefix: String, rest: String) {
        guard let colon = name.firstIndex(of: ":") else { return ("", name) }
        return (String(name[...colon]), String(name[name.index(after: colon)...]))
    }
}

/// What is compared, and how.
package enum Comparison: String, Sendable, CaseIterable {
    case stringEquals = "StringEquals"
    case stringNotEquals = "StringNotEquals"
    case stringEqualsIgnoreCase = "StringEqualsIgnoreCase"
    case stringNotEqualsIgnoreCase = "StringNotEqualsIgnoreCase"
    case stringLike = "StringLike"
    case stringNotLike = "StringNotLike"
    case numericEquals = "NumericEquals"
    case numericNotEquals = "NumericNotEquals"
    case numericLessThan = "NumericLessThan"
    case numericLessThanEquals = "NumericLessThanEquals"
    case numericGreaterThan = "NumericGreaterThan"
    case numericGreaterThanEquals = "NumericGreaterThanEquals"
    case dateEquals = "DateEquals"
    case dateNotEquals = "DateNotEquals"
    case dateLessThan = "DateLessThan"
    case dateLessThanEquals = "DateLessThanEquals"
    case dateGreaterThan = "DateGreaterThan"
    case dateGreaterThanEquals = "DateGreaterThanEquals"
    case bool = "Bool"
    case ipAddress = "IpAddress"
    case notIPAddress = "NotIpAddress"
    case null = "Null"

    /// Whether a value must match none of those in the block.
    var isNegated: Bool {
        switch self {
        case .stringNotEquals, .stringNotEqualsIgnoreCase, .stringNotLike, .numericNotEquals, .dateNotEquals,
            .notIPAddress:
            true
        default: false
        }
    }

    var textMatching: TextMatching? {
        switch self {
        case .stringEquals, .stringNotEquals: .exact
        case .stringEqualsIgnoreCase, .stringNotEqualsIgnoreCase: .ignoringCase
        case .stringLike, .stringNotLike: .wildcards
        default: nil
        }
    }

    /// How two numbers, dates or times must stand to each other.
    var relation: Relation {
        switch self {
        case .numericLessThan, .dateLessThan: .less
        case .numericLessThanEquals, .dateLessThanEquals: .lessOrEqual
        case .numericGreaterThan, .dateGreaterThan: .greater
        case .numericGreaterThanEquals, .dateGreaterThanEquals: .greaterOrEqual
        default: .equal
        }
    }

    /// The beginning that all operators for the same type share.
    var family: String {
        switch self {
        case .bool, .null: rawValue
        case .ipAddress, .notIPAddress: "IpAddress"
        default: ["String", "Numeric"].first(where: rawValue.hasPrefix) ?? "Date"
        }
    }
}
