import Foundation
import Testing

@testable import AccessControl

@Suite struct ConditionBlockTests {
    @Test(arguments: [
        ConditionFault("StringEqual", "broker:Email", ["x"], "did you mean StringEquals?"),
        ConditionFault("stringequals", "broker:Email", ["x"], "did you mean StringEquals?"),
        ConditionFault("StringEqualsIfExist", "broker:Email", ["x"], "did you mean StringEqualsIfExists?"),
        ConditionFault("ForAnyValues:StringLike", "broker:Team", ["x"], "did you mean ForAnyValue:StringLike?"),
        ConditionFault("ForAllValues:StringEqual", "broker:Team", ["x"], "did you mean ForAllValues:StringEquals?"),
        ConditionFault("NumericLess", "broker:Risk", ["1"], "is no operator"),
        ConditionFault("IfExists", "broker:Risk", ["1"], "is no operator"),
        ConditionFault("ArnLike", "broker:RoleArn", ["x"], "use StringEquals or StringLike"),
        ConditionFault("BinaryEquals", "broker:Email", ["x"], "no key has binary values"),
        ConditionFault("NullIfExists", "broker:Email", ["true"], "neither prefix nor IfExists"),
        ConditionFault("ForAnyValue:Null", "broker:Team", ["true"], "neither prefix nor IfExists"),
        ConditionFault("", "broker:Email", ["x"], "is no operator"),
        ConditionFault("StringEquals", "broker:Emial", ["x"], "did you mean broker:Email?"),
        ConditionFault("StringEquals", "email", ["x"], "did you mean broker:Email?"),
        ConditionFault("IpAddress", "aws:SourceIp", ["10.0.0.0/8"], "did you mean broker:SourceIp?"),
        ConditionFault("StringEquals", "broker:claims/level", ["x"], "did you mean broker:Claim/level?"),
        ConditionFault("StringEquals", "aws:PrincipalTag/level", ["x"], "is no key"),
        ConditionFault("StringEquals", "broker:Claim/", ["x"], "is no key"),
        ConditionFault("StringEquals", "broker:Claim/a b", ["x"], "is no key"),
        ConditionFault("StringEquals", "broker:Risk", ["x"], "is a number: use a Numeric operator, not StringEquals"),
        ConditionFault("NumericEquals", "broker:Email", ["1"], "is a text: use a String operator"),
        ConditionFault("StringLike", "broker:SourceIp", ["10.*"], "is an IP address: use an IpAddress operator"),
        ConditionFault(
            "DateLessThan", "broker:Claim/x", ["2026-01-31"],
            "is a text, a list of texts, a number, or true or false: use a String or Numeric or Bool operator, not"),
        ConditionFault("IpAddress", "broker:Claim/x", ["10.0.0.1"], "use a String or Numeric or Bool operator, not"),
        ConditionFault("ForAnyValue:Bool", "broker:Claim/x", ["True"], "must be true or false"),
        ConditionFault("NumericEquals", "broker:Claim/x", ["1e3"], "must be a decimal number"),
        ConditionFault("DateLessThan", "broker:EpochTime", ["1"], "is a number: use a Numeric operator"),
        ConditionFault(
            "StringEquals", "broker:Team", ["x"], "write ForAnyValue:StringEquals or ForAllValues:StringEquals"),
        ConditionFault(
            "ForAnyValue:StringEqualsIfExists", "broker:Email", ["x"], "write StringEqualsIfExists, without"),
        ConditionFault("StringEquals", "broker:Email", [], "has no value"),
    ])
    func `a line that can't be used is named with what is wrong`(line: ConditionFault) throws {
        let fault = try #require(ConditionSample.fault(line.name, line.key, line.values))
        #expect(fault.problem.contains(line.message), "\(fault)")
        #expect(fault.operatorName == line.name)
    }

    @Test func `an error names operator, key and value, on one line`() throws {
        let fault = try #require(ConditionSample.fault("IpAddress", "broker:sourceip", ["10.0.0.1/8"]))
        #expect(fault.description == #"IpAddress broker:SourceIp "10.0.0.1/8" has host bits: write 10.0.0.0/8"#)
        let hostile = try #require(ConditionSample.fault("a\nb", String(repeating: "k", count: 9_000), ["x"]))
        #expect(!hostile.description.contains("\n"))
        #expect(hostile.description.utf8.count < 500)
    }

    @Test func `what is empty, twice or too much is refused`() throws {
        func refuses(_ tree: [String: [String: [String]]], _ message: String) {
            let error = #expect(throws: InvalidCondition.self) { _ = try ConditionBlock(tree) }
            #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        }
        let many = { (count: Int) in (0..<count).map { "\($0)" } }
        refuses([:], "has no operator")
        refuses(["StringEquals": [:]], "has no key")
        refuses(["StringEquals": ["broker:Email": ["a"], "Broker:email": ["b"]]], "stands twice")
        refuses(["StringEquals": ["broker:Email": many(129)]], "at most 128")
        refuses(["StringEquals": ["broker:Email": [String(repeating: "a", count: 513)]]], "longer than 512")
        refuses(["StringEquals": ["broker:Claim/" + String(repeating: "a", count: 200): ["a"]]], "longer than 160")
        refuses([String(repeating: "a", count: 200): ["broker:Email": ["a"]]], "longer than 160")
        refuses(Dictionary(uniqueKeysWithValues: many(33).map { ($0, [$0: [$0]]) }), "at most 32")
        let claims = many(32).map { ("broker:Claim/\($0)", many(128)) }
        refuses(["StringEquals": Dictionary(uniqueKeysWithValues: claims)], "at most 1024")
        refuses(
            ["StringEquals": Dictionary(uniqueKeysWithValues: many(33).map { ("broker:Claim/\($0)", ["a"]) })],
            "at most 32")
    }

    @Test func `all operators and keys must hold, one value of each is enough`() throws {
        let context = try ConditionSample.context()
        let block = try ConditionBlock([
            "StringEquals": ["broker:Email": ["x", "Alice@example.com"], "broker:Ticket": ["OPS-17"]],
            "NumericLessThan": ["broker:Risk": ["50"]],
        ])
        #expect(block.verdict(in: context) == .holds)
        var other = context
        other.ticket = "OPS-18"
        #expect(block.verdict(in: other) == .fails)
        other.email = nil
        #expect(block.verdict(in: other) == .fails)
        other.ticket = nil
        #expect(block.verdict(in: other) == .unknown([.email, .ticket]))
    }

    @Test func `a trace shows each line with what was there and what was wanted`() throws {
        var context = try ConditionSample.context()
        context.ticket = nil
        context.reason = "two\nlines"
        let block = try ConditionBlock([
            "StringNotEquals": ["broker:email": ["${broker:requester}"], "broker:Ticket": ["x"]],
            "StringEquals": ["broker:Reason": ["a", "b"]],
            "DateLessThan": ["broker:CurrentTime": ["2027-01-01"], "broker:TimeOfDay": ["09:05"]],
            "NumericEquals": ["broker:Risk": ["40"]],
        ])
        #expect(
            block.trace(in: context).description == """
                DateLessThan broker:CurrentTime holds: it is "2026-01-31T18:30:15Z"; wanted "2027-01-01"
                DateLessThan broker:TimeOfDay fails: it is "18:30"; wanted "09:05"
                NumericEquals broker:Risk holds: it is "40"; wanted "40"
                StringEquals broker:Reason fails: it is "two lines"; wanted "a" or "b"
                StringNotEquals broker:Email holds: it is "Alice@example.com"; wanted "${broker:requester}" ("bob@example.com")
                StringNotEquals broker:Ticket unknown without broker:Ticket: it is missing; wanted "x"
                """)
        #expect(block.keys == [.currentTime, .timeOfDay, .risk, .reason, .email, .requester, .ticket])
    }

    @Test func `a block is read from a mapping, with one value or a list`() throws {
        let json = """
            {"Bool": {"broker:MfaPresent": true}, "StringEquals": {"broker:account": ["012345678901", "x"]},
             "NumericLessThan": {"broker:Risk": 50}, "StringLike": {"broker:Email": "*@example.com"}}
            """
        let block = try JSONDecoder().decode(ConditionBlock.self, from: Data(json.utf8))
        #expect(
            block.tree == [
                "Bool": ["broker:MfaPresent": ["true"]], "StringEquals": ["broker:Account": ["012345678901", "x"]],
                "NumericLessThan": ["broker:Risk": ["50"]], "StringLike": ["broker:Email": ["*@example.com"]],
            ])
        let again = try JSONDecoder().decode(ConditionBlock.self, from: JSONEncoder().encode(block))
        #expect(again == block && again.hashValue == block.hashValue)
    }

    @Test func `a block that can't be read says so where it stands`() {
        for json in [#"{"StringEqual": {"broker:Email": "x"}}"#, #"{"StringEquals": {"broker:Email": {}}}"#, "[]"] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(ConditionBlock.self, from: Data(json.utf8))
            }
        }
    }

    @Test func `the documentation names every operator, key and type`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/conditions.md"), encoding: .utf8)
        for comparison in Comparison.allCases { #expect(text.contains("`\(comparison.rawValue)`")) }
        for key in ConditionKey.fixed { #expect(text.contains("| `\(key.name)` | \(key.type.noun) |"), "\(key.name)") }
        #expect(text.contains("| `broker:Claim/NAME` | \(ConditionKeyType.claim.noun) |"))
    }
}
