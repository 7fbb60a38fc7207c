import Testing

@testable import AccessControl

@Suite struct ConditionTextTests {
    static let cases: [ConditionCase] = [
        .init("StringEquals", "broker:Email", ["Alice@example.com"], true),
        .init("StringEquals", "broker:Email", ["alice@example.com"], false),
        .init("StringEquals", "BROKER:email", ["x", "Alice@example.com"], true),
        .init("StringEquals", "broker:Email", ["*@example.com"], false),
        .init("StringNotEquals", "broker:Email", ["alice@example.com"], true),
        .init("StringNotEquals", "broker:Email", ["x", "Alice@example.com"], false),
        .init("StringNotEquals", "broker:Email", ["x", "y"], true),
        .init("StringEqualsIgnoreCase", "broker:Email", ["ALICE@EXAMPLE.COM"], true),
        .init("StringEqualsIgnoreCase", "broker:Email", ["alice@example.co"], false),
        .init("StringNotEqualsIgnoreCase", "broker:Email", ["ALICE@EXAMPLE.COM"], false),
        .init("StringNotEqualsIgnoreCase", "broker:Email", ["bob@example.com"], true),
        .init("StringLike", "broker:Email", ["*@example.com"], true),
        .init("StringLike", "broker:Email", ["*@EXAMPLE.com"], false),
        .init("StringLike", "broker:Email", ["?lice@*"], true),
        .init("StringLike", "broker:Email", ["??lice@*"], false),
        .init("StringLike", "broker:Email", ["x*", "*.com"], true),
        .init("StringLike", "broker:Email", ["*"], true),
        .init("StringLike", "broker:Email", ["Alice@example.com"], true),
        .init("StringNotLike", "broker:Email", ["*@example.com"], false),
        .init("StringNotLike", "broker:Email", ["*@example.org"], true),
        .init("StringLike", "broker:RoleArn", ["arn:aws:iam::*:role/*"], true),
        .init("StringLike", "broker:Reason", ["*${*}broken${*}*"], true),
        .init("StringLike", "broker:Reason", ["*${?}broken${*}*"], false),
        .init("StringEquals", "broker:Reason", ["Fix the ${*}broken${*} build"], true),
        .init("StringEquals", "broker:Ticket", ["OPS-${$}17"], false),
        .init("StringEquals", "broker:Subject", ["u-1"], true),
        .init("StringEquals", "broker:UserName", ["alice"], true),
        .init("StringEquals", "broker:Issuer", ["https://id.example.com"], true),
        .init("StringEquals", "broker:Policy", ["Reader"], true),
        .init("StringEquals", "broker:DayOfWeek", ["Saturday", "Sunday"], true),
        .init("StringEquals", "broker:Claim/Department", ["research"], true),
        .init("StringNotEquals", "broker:Email", ["${broker:Requester}"], true),
        .init("StringEquals", "broker:Email", ["${broker:Requester}"], false),
        .init("StringLike", "broker:Requester", ["bob@*"], true),
        .init("StringEquals", "broker:Claim/department", ["re${broker:Ticket, 'search'}"], false),
        .init("StringEquals", "broker:Claim/department", ["${broker:claim/none, 'research'}"], true),
        .init("StringEquals", "broker:Claim/department", ["${ broker:Claim/None , 'research' }"], true),
        .init("StringEquals", "broker:UserName", ["${broker:Claim/none, 'al'}${broker:claim/none,'ice'}"], true),
    ]

    @Test(arguments: cases)
    func `a text is compared as its operator says`(line: ConditionCase) throws {
        let verdict = try ConditionSample.verdict(line.name, line.key, line.values, in: ConditionSample.context())
        #expect(verdict == (line.holds ? .holds : .fails))
    }

    @Test func `a wildcard in the value of a variable stands for itself`() throws {
        var context = ConditionContext()
        context.setClaims(["prefix": ["*"]])
        context.userName = "alice"
        #expect(
            try ConditionSample.verdict("StringLike", "broker:UserName", ["${broker:Claim/prefix}"], in: context)
                == .fails)
        context.userName = "*"
        #expect(
            try ConditionSample.verdict("StringLike", "broker:UserName", ["${broker:Claim/prefix}"], in: context)
                == .holds)
    }

    @Test func `letters that look alike, and other spellings of a letter, are different`() throws {
        var context = ConditionContext()
        context.userName = "\u{212A}ate"  // The Kelvin sign, whose lower case in Unicode is k.
        #expect(
            try ConditionSample.verdict("StringEqualsIgnoreCase", "broker:UserName", ["kate"], in: context) == .fails)
        context.userName = "Zoe\u{301}"
        #expect(try ConditionSample.verdict("StringEquals", "broker:UserName", ["Zo\u{E9}"], in: context) == .fails)
        #expect(try ConditionSample.verdict("StringLike", "broker:UserName", ["Zo\u{E9}*"], in: context) == .fails)
    }

    @Test func `a variable without a value makes its line unknown, unless another value matches`() throws {
        var context = ConditionContext()
        context.email = "a@example.com"
        let wanted = "${broker:Requester}"
        let unknown = ConditionVerdict.unknown([.requester])
        #expect(try ConditionSample.verdict("StringEquals", "broker:Email", [wanted], in: context) == unknown)
        #expect(try ConditionSample.verdict("StringNotEquals", "broker:Email", [wanted], in: context) == unknown)
        #expect(try ConditionSample.verdict("StringEqualsIfExists", "broker:Email", [wanted], in: context) == unknown)
        #expect(
            try ConditionSample.verdict("StringEquals", "broker:Email", [wanted, "a@example.com"], in: context)
                == .holds)
        #expect(
            try ConditionSample.verdict("StringNotEquals", "broker:Email", [wanted, "a@example.com"], in: context)
                == .fails)
    }

    @Test func `a variable of several values, or one that can't be judged, has no default either`() throws {
        var context = ConditionContext()
        context.userName = "a"
        context.setClaims(["groups": ["a", "b"], "long": [String(repeating: "a", count: 3_000)]])
        for name in ["groups", "long"] {
            let key = ConditionKey.claim(name)
            #expect(
                try ConditionSample.verdict("StringEquals", "broker:UserName", ["${\(key.name), 'a'}"], in: context)
                    == .unknown([key]))
        }
    }

    @Test(arguments: [
        ConditionFault("StringEquals", "broker:Email", ["${broker:Emial}"], "did you mean broker:Email?"),
        ConditionFault("StringEquals", "broker:Email", ["${aws:username}"], "did you mean broker:UserName?"),
        ConditionFault("StringEquals", "broker:Email", ["${broker:Team}"], "several values"),
        ConditionFault("StringEquals", "broker:Email", ["${broker:Risk}"], "is a number, not a text"),
        ConditionFault("StringEquals", "broker:Email", ["${broker:Email"], "doesn't end"),
        ConditionFault("StringEquals", "broker:Email", ["${"], "doesn't end"),
        ConditionFault("StringEquals", "broker:Email", ["${}"], "names no key"),
        ConditionFault("StringEquals", "broker:Email", ["${ }"], "names no key"),
        ConditionFault("StringEquals", "broker:Email", ["${broker:Ticket, default}"], "unreadable default"),
        ConditionFault("StringEquals", "broker:Email", ["${broker:Ticket,}"], "unreadable default"),
        ConditionFault("StringEquals", "broker:Email", ["${broker:Ticket, '}"], "doesn't end"),
        ConditionFault("StringEquals", "broker:Email", ["${broker:Ticket, 'a'b'}"], "doesn't end"),
        ConditionFault("StringEquals", "broker:Email", [""], "use Null"),
    ])
    func `a variable that can't be read is named`(line: ConditionFault) throws {
        let fault = try #require(ConditionSample.fault(line.name, line.key, line.values))
        #expect(fault.description.contains(line.message), "\(fault)")
        #expect(fault.value == line.values.first)
    }

    @Test func `a dollar sign alone is a dollar sign`() throws {
        var context = ConditionContext()
        context.ticket = "$5 {x} $"
        #expect(try ConditionSample.verdict("StringEquals", "broker:Ticket", ["$5 {x} ${$}"], in: context) == .holds)
        #expect(try ConditionSample.verdict("StringEquals", "broker:Ticket", ["$5 {x} $"], in: context) == .holds)
    }
}
