import Credentials
import Foundation

@testable import AccessControl

/// Blocks from few keys and values, so that they often match.
enum GeneratedBlock {
    static func comparison(using random: inout some RandomNumberGenerator) -> Comparison {
        pick(Comparison.allCases, &random)
    }

    static func key(for comparison: Comparison, using random: inout some RandomNumberGenerator) -> ConditionKey {
        let keys = ConditionKey.fixed + [.claim("a"), .claim("b")]
        return pick(keys.filter { comparison == .null || $0.type.families.contains(comparison.family) }, &random)
    }

    /// One to three that the operator takes.
    static func values(
        _ comparison: Comparison, _ key: ConditionKey, using random: inout some RandomNumberGenerator,
        isMonotone: Bool = false
    ) -> [String] {
        let pool: [String] =
            switch (comparison.family, key.type) {
            case ("Null", _), ("Bool", _): ["true", "false"]
            case ("String", _):
                ["a", "b", "A", "ab", "*", "?", "a*", "${broker:Email}", "${broker:Claim/b}*", "Saturday", "é"]
                    + (isMonotone ? [] : ["${broker:Ticket, 'a'}"])
            case ("Numeric", _): ["0", "1", "2", "-1", "1.5", "900"]
            case (_, .timeOfDay): ["00:00", "00:01", "18:30", "23:59"]
            case ("Date", _): ["1970-01-01", "1970-01-01T00:00:01Z", "2026-01-31", "-00001", "1769884215"]
            default: ["10.0.0.0/8", "10.0.0.1", "::/0", "0.0.0.0/0", "2001:db8::/32"]
            }
        return (0..<Int.random(in: 1...3, using: &random)).map { _ in pick(pool, &random) }
    }

    /// - Parameter isMonotone: only what can't change its mind when more is known: no Null, IfExists, or default.
    static func tree(
        using random: inout some RandomNumberGenerator, isMonotone: Bool = false
    ) -> [String: [String: [String]]] {
        var tree: [String: [String: [String]]] = [:]
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let comparison = comparison(using: &random)
            if isMonotone, comparison == .null { continue }
            let key = key(for: comparison, using: &random)
            var name = comparison.rawValue
            let takesPrefix = key.type == .texts || (key.type == .claim && Bool.random(using: &random))
            if takesPrefix, comparison != .null { name = pick(["ForAnyValue:", "ForAllValues:"], &random) + name }
            if !isMonotone, comparison != .null, Bool.random(using: &random) { name += "IfExists" }
            tree[name, default: [:]][key.name] = values(comparison, key, using: &random, isMonotone: isMonotone)
        }
        return tree.isEmpty ? ["StringEquals": ["broker:Email": ["a"]]] : tree
    }

    /// Made of pieces of valid ones and of what is not.
    static func hostileTree(using random: inout some RandomNumberGenerator) -> [String: [String: [String]]] {
        var tree: [String: [String: [String]]] = [:]
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            let comparison = comparison(using: &random)
            let key = key(for: comparison, using: &random)
            let odd = (
                name: Int.random(in: 0...9, using: &random) == 0, key: Int.random(in: 0...9, using: &random) == 0
            )
            let name =
                odd.name
                ? noise(["ForAnyValue:", "IfExists", "Null", "Bool", "String", ":"], &random)
                : (key.type == .texts && comparison != .null ? "ForAllValues:" : "") + comparison.rawValue
            let keyName = odd.key ? noise(["broker:", "Claim/", "Email", "/", ":"], &random) : key.name
            let values = (0..<Int.random(in: 0...2, using: &random)).map { _ in
                noise(
                    ["${", "}", "broker:Email", "broker:claim/a", ", '", "'", "*", "?", "$", "1", ".", "/", "::"],
                    &random)
            }
            tree[name, default: [:]][keyName] =
                Bool.random(using: &random) ? values : Self.values(comparison, key, using: &random) + values.prefix(1)
        }
        return tree
    }

    static func noise(_ pieces: [String], _ random: inout some RandomNumberGenerator) -> String {
        let odd = [
            "\u{0}", "\n", "\u{2028}", "é", "e\u{301}", "🦊", " ", "9999999999999999", "-", "1e999", "", "\u{FEFF}",
        ]
        return (0..<Int.random(in: 0...5, using: &random)).map { _ in pick(pieces + odd, &random) }.joined()
    }
}

/// What a context is made of, with some of it missing.
struct GeneratedFacts {
    var context = ConditionContext()
    private var claims: [String: [String]] = [:]
    private var otherClaims: [String: ClaimValue] = [:]

    private static let others: [ClaimValue] = [
        .bool(true), .bool(false), .number(1), .number(-1), .number(1.5), .array([.number(1)]), .object([:]),
    ]
    private static let hostileOthers: [ClaimValue] = [.number(.nan), .number(.infinity), .number(-1e300)]

    static func random(using random: inout some RandomNumberGenerator, isHostile: Bool = false) -> GeneratedFacts {
        var facts = GeneratedFacts()
        func text() -> String? {
            if isHostile, Bool.random(using: &random) {
                return GeneratedBlock.noise(["a", String(repeating: "a", count: 900), "*"], &random)
            }
            return pick([nil, "a", "b", "ab", "A", "é", ""], &random)
        }
        func texts() -> [String] { (0..<Int.random(in: 0...3, using: &random)).compactMap { _ in text() } }
        func maybe<Value>(_ values: [Value]) -> Value? { Bool.random(using: &random) ? pick(values, &random) : nil }
        facts.context.teams = texts()
        facts.context.requesterTeams = texts()
        for path in paths { facts.context[keyPath: path] = text() }
        facts.context.risk = maybe([1, 2, 50]).flatMap(Risk.init)
        facts.context.duration = maybe([.seconds(900), .seconds(-1), .milliseconds(1_500)])
        facts.context.mfaAge = maybe([.seconds(1), .seconds(2), .seconds(Int64.max)])
        facts.context.mfaPresent = maybe([true, false])
        facts.context.sourceAddress = maybe(["10.0.0.1", "10.0.0.2", "11.0.0.1", "2001:db8::1"])
            .flatMap { SourceAddress($0) }
        let times = [0, 1, 1_769_884_215] + (isHostile ? [.nan, .infinity, -1e300, 253_402_300_799.5] : [])
        facts.context.now = maybe(times).map { Date(timeIntervalSince1970: $0) }
        for name in ["a", "b"] {
            if Int.random(in: 0...2, using: &random) > 0 {
                facts.claims[name] = texts()
            } else {
                facts.otherClaims[name] = pick(others + (isHostile ? hostileOthers : []), &random)
            }
        }
        if isHostile { facts.claims["A"] = texts() }
        facts.context.setClaims(facts.claims, others: facts.otherClaims)
        return facts
    }

    /// The same, and where something is missing, what the other has.
    func completed(by other: GeneratedFacts) -> GeneratedFacts {
        var facts = self
        func isMissing(_ texts: [String]?) -> Bool { ConditionValue(texts: texts ?? []) == nil }
        if isMissing(context.teams) { facts.context.teams = other.context.teams }
        if isMissing(context.requesterTeams) { facts.context.requesterTeams = other.context.requesterTeams }
        for path in Self.paths where ConditionValue(text: context[keyPath: path]) == nil {
            facts.context[keyPath: path] = other.context[keyPath: path]
        }
        facts.context.risk = context.risk ?? other.context.risk
        facts.context.duration = context.duration ?? other.context.duration
        facts.context.mfaAge = context.mfaAge ?? other.context.mfaAge
        facts.context.mfaPresent = context.mfaPresent ?? other.context.mfaPresent
        facts.context.sourceAddress = context.sourceAddress ?? other.context.sourceAddress
        facts.context.now = context.now ?? other.context.now
        for name in ["a", "b"] where otherClaims[name] == nil && isMissing(claims[name]) {
            facts.claims[name] = other.claims[name]
            facts.otherClaims[name] = other.otherClaims[name]
        }
        facts.context.setClaims(facts.claims, others: facts.otherClaims)
        return facts
    }

    private static var paths: [WritableKeyPath<ConditionContext, String?>] {
        [
            \.email, \.userName, \.subject, \.issuer, \.policyID, \.account, \.reason, \.ticket, \.requester,
        ]
    }
}

private func pick<Value>(_ values: [Value], _ random: inout some RandomNumberGenerator) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
}
