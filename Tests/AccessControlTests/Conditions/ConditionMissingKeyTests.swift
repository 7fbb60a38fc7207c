import Testing

@testable import AccessControl

@Suite struct ConditionMissingKeyTests {
    private static let values = [
        "String": "x", "Numeric": "1", "Date": "2026-01-31", "Bool": "true", "IpAddress": "10.0.0.0/8",
    ]

    private static let keys: [String: ConditionKey] = [
        "String": .email, "Numeric": .risk, "Date": .currentTime, "Bool": .mfaPresent, "IpAddress": .sourceIP,
    ]

    @Test(arguments: Comparison.allCases.filter { $0 != .null })
    func `a missing key makes every operator unknown, negated or not, and IfExists hold`(comparison: Comparison) throws
    {
        let key = try #require(Self.keys[comparison.family])
        let value = try #require(Self.values[comparison.family])
        let empty = ConditionContext()
        let verdict = try ConditionSample.verdict(comparison.rawValue, key.name, [value], in: empty)
        #expect(verdict == .unknown([key]))
        #expect(!verdict.permits && verdict.forbids)
        #expect(
            try ConditionSample.verdict(comparison.rawValue + "IfExists", key.name, [value], in: empty) == .holds)
    }

    @Test(arguments: ["ForAnyValue:", "ForAllValues:"], ["StringEquals", "StringNotEquals", "StringLike"])
    func `set operators are unknown without a value, and hold with IfExists`(prefix: String, name: String) throws {
        for teams in [[], [""]] {
            var context = ConditionContext()
            context.teams = teams
            #expect(
                try ConditionSample.verdict(prefix + name, "broker:Team", ["*"], in: context) == .unknown([.team]))
            #expect(
                try ConditionSample.verdict(prefix + name + "IfExists", "broker:Team", ["*"], in: context) == .holds)
        }
    }

    @Test(arguments: [
        ("ForAnyValue:StringEquals", ["a"], true), ("ForAnyValue:StringEquals", ["c"], false),
        ("ForAnyValue:StringEquals", ["c", "b"], true), ("ForAllValues:StringEquals", ["a"], false),
        ("ForAllValues:StringEquals", ["a", "b", "c"], true), ("ForAnyValue:StringNotEquals", ["a"], true),
        ("ForAnyValue:StringNotEquals", ["a", "b"], false), ("ForAllValues:StringNotEquals", ["c", "d"], true),
        ("ForAllValues:StringNotEquals", ["c", "a"], false), ("ForAnyValue:StringLike", ["?"], true),
        ("ForAllValues:StringNotLike", ["b*"], false), ("ForAllValues:StringEqualsIgnoreCase", ["A", "B"], true),
    ])
    func `a set operator takes each of several values`(name: String, wanted: [String], holds: Bool) throws {
        var context = ConditionContext()
        context.teams = ["a", "b"]
        context.requesterTeams = ["a", "b"]
        context.setClaims(["groups": ["a", "b"]])
        for key in ["broker:Team", "broker:RequesterTeam", "broker:Claim/groups"] {
            let verdict = try ConditionSample.verdict(name, key, wanted, in: context)
            #expect(verdict == (holds ? .holds : .fails), "\(key)")
        }
    }

    @Test func `a claim of several values is unknown to an operator for one`() throws {
        var context = ConditionContext()
        context.setClaims(["groups": ["a", "b"], "one": ["a"], "none": [], "empty": [""]])
        func verdict(_ name: String, _ claim: String) throws -> ConditionVerdict {
            try ConditionSample.verdict(name, "broker:Claim/\(claim)", ["a"], in: context)
        }
        #expect(try verdict("StringEquals", "groups") == .unknown([.claim("groups")]))
        #expect(try verdict("StringNotEqualsIfExists", "groups") == .unknown([.claim("groups")]))
        #expect(try verdict("StringEquals", "one") == .holds)
        #expect(try verdict("ForAllValues:StringEquals", "one") == .holds)
        #expect(try verdict("StringEquals", "none") == .unknown([.claim("none")]))
        #expect(try verdict("StringEquals", "empty") == .unknown([.claim("empty")]))
    }

    @Test func `claims whose names differ in case alone can't be judged`() throws {
        var context = ConditionContext()
        context.setClaims(["Level": ["a"], "level": ["a"]])
        #expect(
            try ConditionSample.verdict("StringEquals", "broker:Claim/level", ["a"], in: context)
                == .unknown([.claim("level")]))
        #expect(try ConditionSample.verdict("Null", "broker:Claim/LEVEL", ["false"], in: context) == .holds)
    }

    @Test func `Null asks whether a key is missing, and always knows`() throws {
        var context = ConditionContext()
        context.reason = ""
        context.ticket = "OPS-1"
        context.userName = String(repeating: "x", count: 5_000)
        #expect(try ConditionSample.verdict("Null", "broker:Reason", ["true"], in: context) == .holds)
        #expect(try ConditionSample.verdict("Null", "broker:Reason", ["false"], in: context) == .fails)
        #expect(try ConditionSample.verdict("Null", "broker:Ticket", ["true"], in: context) == .fails)
        #expect(try ConditionSample.verdict("Null", "broker:Ticket", ["false"], in: context) == .holds)
        #expect(try ConditionSample.verdict("Null", "broker:Team", ["true"], in: context) == .holds)
        #expect(try ConditionSample.verdict("Null", "broker:MfaAge", ["true"], in: context) == .holds)
        #expect(try ConditionSample.verdict("Null", "broker:UserName", ["true"], in: context) == .fails)
    }

    @Test func `a text or a list that is too long can't be judged, with IfExists neither`() throws {
        var context = ConditionContext()
        context.reason = String(repeating: "x", count: ConditionLimits.contextTextBytes + 1)
        context.teams = [String](repeating: "x", count: ConditionLimits.contextListValues + 1)
        let names = ["StringLike", "StringNotLike", "StringNotLikeIfExists"]
        for name in names {
            #expect(
                try ConditionSample.verdict(name, "broker:Reason", ["*"], in: context) == .unknown([.reason]))
            #expect(
                try ConditionSample.verdict("ForAllValues:\(name)", "broker:Team", ["*"], in: context)
                    == .unknown([.team]))
        }
    }

    @Test func `three values are joined as Kleene has it`() {
        let (one, other) = (ConditionVerdict.unknown([.email]), ConditionVerdict.unknown([.risk]))
        let both = ConditionVerdict.unknown([.email, .risk])
        #expect(one.and(other) == both && one.or(other) == both)
        #expect(one.and(.holds) == one && one.and(.fails) == .fails)
        #expect(one.or(.fails) == one && one.or(.holds) == .holds)
        #expect(one.negated == one)
        #expect(ConditionVerdict.holds.permits && ConditionVerdict.holds.forbids)
        #expect(!ConditionVerdict.fails.permits && !ConditionVerdict.fails.forbids)
    }
}
