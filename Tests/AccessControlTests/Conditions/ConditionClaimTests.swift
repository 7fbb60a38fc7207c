import Credentials
import Testing

@testable import AccessControl

/// Claims of each kind, and the operators that compare them.
@Suite struct ConditionClaimTests {
    private static let texts = ["text": ["true"], "digits": ["3"], "many": ["true", "3"]]

    private static let others: [String: ClaimValue] = [
        "on": .bool(true), "off": .bool(false), "level": .number(3), "half": .number(-0.5), "zero": .number(-0.0),
        "huge": .number(1e300), "nan": .number(.nan), "endless": .number(-.infinity),
        "object": .object(["level": .number(3)]), "flags": .array([.bool(true)]), "numbers": .array([.number(3)]),
    ]

    /// What the operators that compare it begin with; empty if none do.
    private static let families = [
        "text": "String", "digits": "String", "many": "String", "on": "Bool", "off": "Bool", "level": "Numeric",
        "huge": "Numeric", "nan": "", "endless": "", "object": "", "flags": "", "numbers": "",
    ]

    private static var context: ConditionContext {
        var context = ConditionContext()
        context.email = "true"
        context.setClaims(texts, others: others)
        return context
    }

    @Test(arguments: [
        ConditionCase("Bool", "broker:Claim/on", ["true"], true),
        ConditionCase("Bool", "broker:Claim/ON", ["false"], false),
        ConditionCase("Bool", "broker:Claim/off", ["false"], true),
        ConditionCase("BoolIfExists", "broker:Claim/off", ["true"], false),
        ConditionCase("Bool", "broker:Claim/off", ["true", "false"], true),
        ConditionCase("ForAnyValue:Bool", "broker:Claim/on", ["true"], true),
        ConditionCase("ForAllValues:BoolIfExists", "broker:Claim/on", ["false"], false),
        ConditionCase("NumericEquals", "broker:Claim/level", ["2", "3.0"], true),
        ConditionCase("NumericEquals", "broker:Claim/zero", ["0"], true),
        ConditionCase("NumericNotEquals", "broker:Claim/level", ["2", "3"], false),
        ConditionCase("NumericNotEqualsIfExists", "broker:Claim/level", ["4"], true),
        ConditionCase("NumericLessThan", "broker:Claim/half", ["-0.4"], true),
        ConditionCase("NumericLessThanEquals", "broker:Claim/level", ["2.9"], false),
        ConditionCase("NumericGreaterThan", "broker:Claim/huge", ["999999999999999"], true),
        ConditionCase("NumericGreaterThanEquals", "broker:Claim/level", ["3"], true),
        ConditionCase("ForAllValues:NumericLessThan", "broker:Claim/level", ["4"], true),
        ConditionCase("ForAnyValue:NumericNotEquals", "broker:Claim/level", ["3"], false),
    ])
    func `a Boolean and a number are compared as such, a set prefix or not`(line: ConditionCase) throws {
        let verdict = try ConditionSample.verdict(line.name, line.key, line.values, in: Self.context)
        #expect(verdict == (line.holds ? .holds : .fails))
    }

    @Test(arguments: Comparison.allCases.filter { ConditionKeyType.claim.families.contains($0.family) })
    func `a claim of another kind is unknown to every operator, whatever its prefix, and with IfExists too`(
        comparison: Comparison
    ) throws {
        let wanted = ["String": ["true", "3", "-0.5", "*"], "Numeric": ["3", "1"], "Bool": ["true", "false"]]
        let values = try #require(wanted[comparison.family])
        for (claim, family) in Self.families where family != comparison.family {
            for prefix in ConditionOperator.Quantifier.allCases.map(\.rawValue) {
                for suffix in ["", "IfExists"] {
                    let name = prefix + comparison.rawValue + suffix
                    let verdict = try ConditionSample.verdict(name, "broker:Claim/\(claim)", values, in: Self.context)
                    #expect(verdict == .unknown([.claim(claim)]), "\(name) \(claim)")
                }
            }
        }
    }

    @Test(arguments: ["Bool", "NumericEquals", "NumericNotEquals", "ForAllValues:NumericLessThan"])
    func `a claim that is missing is unknown, and holds with IfExists`(name: String) throws {
        let values = [name == "Bool" ? "true" : "1"]
        let empty = ConditionContext()
        #expect(try ConditionSample.verdict(name, "broker:Claim/x", values, in: empty) == .unknown([.claim("x")]))
        #expect(try ConditionSample.verdict(name + "IfExists", "broker:Claim/x", values, in: empty) == .holds)
    }

    @Test(arguments: others.keys.sorted())
    func `what is no text is there to Null, and is no variable's value, nor is its default`(claim: String) throws {
        let key = ConditionKey.claim(claim)
        #expect(try ConditionSample.verdict("Null", key.name, ["false"], in: Self.context) == .holds)
        for text in ["${\(key.name)}", "${\(key.name), 'true'}"] {
            for name in ["StringEquals", "StringLike", "StringNotEquals"] {
                let verdict = try ConditionSample.verdict(name, "broker:Email", [text], in: Self.context)
                #expect(verdict == .unknown([key]))
            }
        }
    }

    @Test func `claims of two kinds whose names differ in case alone can't be judged`() throws {
        var context = ConditionContext()
        context.setClaims(["On": ["true"]], others: ["on": .bool(true), "level": .number(3), "Level": .number(3)])
        let lines = [("Bool", "on", "true"), ("StringEquals", "on", "true"), ("NumericEquals", "level", "3")]
        for (name, claim, value) in lines {
            let verdict = try ConditionSample.verdict(name, "broker:Claim/\(claim)", [value], in: context)
            #expect(verdict == .unknown([.claim(claim)]))
        }
    }

    @Test func `a trace shows a Boolean and a number, and tells them from texts where they can't be compared`() throws {
        let block = try ConditionBlock([
            "Bool": ["broker:Claim/flags": ["true"], "broker:Claim/on": ["true"], "broker:Claim/text": ["true"]],
            "NumericLessThan": ["broker:Claim/huge": ["4"], "broker:Claim/level": ["4"], "broker:Claim/many": ["4"]],
            "StringEquals": ["broker:Claim/half": ["x"], "broker:Claim/on": ["true"]],
        ])
        #expect(
            block.trace(in: Self.context).description == """
                Bool broker:Claim/flags unknown without broker:Claim/flags: \
                it is neither a text, a list of texts, a number, nor true or false; wanted "true"
                Bool broker:Claim/on holds: it is "true"; wanted "true"
                Bool broker:Claim/text unknown without broker:Claim/text: it is the text "true"; wanted "true"
                NumericLessThan broker:Claim/huge fails: it is "1e+300"; wanted "4"
                NumericLessThan broker:Claim/level holds: it is "3"; wanted "4"
                NumericLessThan broker:Claim/many unknown without broker:Claim/many: it is a list of texts; wanted "4"
                StringEquals broker:Claim/half unknown without broker:Claim/half: it is the number -0.5; wanted "x"
                StringEquals broker:Claim/on unknown without broker:Claim/on: it is the Boolean true; wanted "true"
                """)
    }
}
