import Foundation
import PolicyFiles
import StrictYAML
import Testing

/// Cases of what people, an evaluator or one of several blocks decide.
@Suite struct DecidedCasesTests {
    private static let policies = """
        policies:
          - id: operator
            description: operates
            account: "111122223333"
            base_role: arn:aws:iam::111122223333:role/Operator
            risk: 80
            max_duration: 1h
            approval:
              teams: [security]
              condition:
                - StringEquals: {broker:Claim/level: senior}
                - ForAnyValue:StringEquals: {broker:RequesterTeam: interns}
        teams: [{id: developers, policies: [operator]}]
        """

    private func run(_ cases: String, policies: String = Self.policies) throws -> [PolicyCaseResult] {
        try PolicyCases.results(of: "cases: [\(cases)]", policies: policies)
    }

    private static func asked(
        by principal: String = "{user: alice, teams: [developers]}", request: String = "{policy: operator}",
        expect: String = "needs_approval", more: String = ""
    ) -> String {
        "{name: n, principal: \(principal), request: \(request), expect: \(expect)\(more)}"
    }

    @Test(arguments: [
        ("{user: guard, teams: [security], claims: {level: senior}}", true),
        ("{teams: [security], claims: {level: senior}}", true),
        ("{user: guard, teams: [security], claims: {level: junior}}", false),
        ("{user: guard, teams: [security]}", false),
        ("{user: guard, teams: [operators], claims: {level: senior}}", false),
        ("{user: alice, teams: [security], claims: {level: senior}}", false),
        ("{user: alice, issuer: https://other.example.com, teams: [security], claims: {level: senior}}", true),
    ])
    func `Who may decide is judged as the broker judges it`(approver: String, may: Bool) throws {
        for said in [true, false] {
            let results = try run(Self.asked(more: ", approvers: [{principal: \(approver), may: \(said)}]"))
            #expect(results.map(\.passed) == [said == may], "\(results)")
        }
    }

    @Test func `Requester and policy count, and two people without names are two`() throws {
        let junior = "[{principal: {teams: [security]}, may: true}]"
        let intern = Self.asked(by: "{teams: [developers, interns]}", more: ", approvers: \(junior)")
        #expect(try run(intern).map(\.passed) == [true])
        let own = ", approvers: [{principal: {user: alice, teams: [security], claims: {level: senior}}, may: true}]"
        let allowing = Self.policies.replacing("teams: [security]", with: "teams: [security]\n      own_requests: true")
        #expect(try run(Self.asked(more: own)).map(\.passed) == [false])
        #expect(try run(Self.asked(more: own), policies: allowing).map(\.passed) == [true])
    }

    @Test func `Whoever differs is named, and nobody where nobody decides`() throws {
        let approvers =
            ", approvers: [{principal: {user: guard, teams: [security]}, may: true}, "
            + "{principal: {teams: [security], claims: {level: senior}}, may: false}]"
        #expect(
            try run(Self.asked(more: approvers)).first?.differences == [
                "expected that approver 1 (guard) may decide, but they may not",
                "expected that approver 2 (approver) may not decide, but they may",
            ])
        let harmless = Self.policies.replacing("risk: 80", with: "risk: 10")
        #expect(
            try run(Self.asked(more: approvers), policies: harmless).first?.differences
                == ["expected needs_approval, but it is allow"])
    }

    @Test(arguments: [
        ("", "needs_approval", "risk 80 is over 50"), (", evaluator: automatic", "allow", "allows it without approval"),
        (", evaluator: manual", "needs_approval", "wants it approved"),
        (", evaluator: none", "needs_approval", "gave no answer"),
    ])
    func `An evaluator says what the case says that it does`(evaluator: String, expect: String, reason: String) throws {
        let results = try run(Self.asked(expect: expect, more: evaluator))
        #expect(results.map(\.passed) == [true], "\(results)")
        #expect(results.first?.reasons.contains { $0.contains(reason) } == true, "\(results)")
    }

    @Test(arguments: [("Allow", "needs_approval", "[automatic_risk]"), ("Deny", "deny", "[session_within_limits]")])
    func `A request's own inline policy is judged with it`(effect: String, expect: String, rules: String) throws {
        let policy = """
            {"Version": "2012-10-17", "Statement": {"Effect": "\(effect)", "Action": "*", "Resource": "*"}}
            """
        let request = "{policy: operator, inline_policy: '\(policy)'}"
        let results = try run(Self.asked(request: request, expect: expect, more: ", rules: \(rules)"))
        #expect(results.map(\.passed) == [true], "\(results)")
    }

    /// Wednesday, 2 January 2030, and the Saturday after it.
    @Test(arguments: [
        ("2030-01-02T19:59:59Z", "deny"), ("2030-01-02T20:00:00Z", "needs_approval"),
        ("2030-01-05T12:00:00Z", "needs_approval"), ("2030-01-05T21:00:00Z", "needs_approval"),
    ])
    func `One block of several is enough for a condition`(instant: String, expect: String) throws {
        let condition = """
            max_duration: 1h
                condition:
                  - StringEquals: {broker:DayOfWeek: [Saturday, Sunday]}
                  - DateGreaterThanEquals: {broker:TimeOfDay: "20:00"}
            """
        let policies = Self.policies.replacing("max_duration: 1h", with: condition)
        let request = "{policy: operator, at: \(instant)}"
        let results = try run(Self.asked(request: request, expect: expect), policies: policies)
        #expect(results.map(\.passed) == [true], "\(results)")
        let keys = "the policy's condition on broker:DayOfWeek (block 1) or broker:TimeOfDay (block 2) isn't met"
        #expect((results.first?.reasons.first?.contains(keys) == true) == (expect == "deny"), "\(results)")
    }

    @Test(arguments: [("alice", "allow"), ("bob", "allow"), ("carol", "needs_approval")])
    func `One block of several is enough to be automatic`(user: String, expect: String) throws {
        let policies = Self.policies.replacing(
            "max_duration: 1h",
            with: "max_duration: 1h\n    automatic: [\(Self.named("alice")), \(Self.named("bob"))]")
        let request = Self.asked(by: "{user: \(user), teams: [developers]}", expect: expect)
        let results = try run(request, policies: policies)
        #expect(results.map(\.passed) == [true], "\(results)")
    }

    private static func named(_ user: String) -> String { "{StringEquals: {broker:UserName: \(user)}}" }
}
