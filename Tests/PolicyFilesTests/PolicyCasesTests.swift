import Foundation
import PolicyFiles
import StrictYAML
import Testing

@Suite struct PolicyCasesTests {
    private static let policies = """
        policies:
          - id: reader
            description: reads
            account: "111122223333"
            base_role: arn:aws:iam::111122223333:role/Reader
            risk: 10
            user_tags: [department]
            max_duration: 2h
            role_max_session: 2h
            requirements:
              mfa: {within: 1h}
              networks: [192.0.2.0/24]
              times: [{days: [Wednesday], from: "08:00", to: "18:00", zone: Europe/Berlin}]
        teams: [{id: developers, policies: [reader]}]
        """

    private func run(_ cases: String, policies: String = Self.policies) throws -> [PolicyCaseResult] {
        try PolicyCases.results(of: cases, policies: policies)
    }

    private static let person =
        "{teams: [developers], claims: {custom:department: research}, mfa: 30m, source: 192.0.2.7}"

    @Test(arguments: [
        (person, "{policy: reader}", "allow", true), (person, "{policy: reader}", "deny", false),
        (person, "{policy: writer}", "deny", true), (person, "{policy: reader, duration: 3h}", "deny", true),
        (person, "{policy: reader, duration: 3h, shorten: true}", "allow", true),
        // 17:30 in Berlin is 16:30 in UTC; half an hour later it is over.
        (person, "{policy: reader, at: 2030-01-02T16:59:59Z}", "allow", true),
        (person, "{policy: reader, at: 2030-01-02T17:00:00Z}", "deny", true),
        (person, "{policy: reader, starts_at: 2030-01-03T12:00:00Z}", "deny", true),
        (person.replacing("30m", with: "61m"), "{policy: reader}", "deny", true),
        (person.replacing("mfa: 30m", with: "amr: [otp], signed_in: 1m"), "{policy: reader}", "deny", true),
        (person.replacing("mfa: 30m", with: "amr: [mfa], signed_in: 1m"), "{policy: reader}", "allow", true),
        (person.replacing("192.0.2.7", with: "192.0.3.7"), "{policy: reader}", "deny", true),
    ])
    func `A case is judged as the broker would judge it`(
        principal: String, request: String, expect: String, passes: Bool
    ) throws {
        let results = try run("cases: [{name: n, principal: \(principal), request: \(request), expect: \(expect)}]")
        #expect(results.map(\.passed) == [passes], "\(results)")
        #expect(results.first?.differences.isEmpty == passes)
    }

    private static let staff = #"{"ForAnyValue:StringEquals": {"broker:Claim/groups": staff}}"#
    private static let suspended = #"{"Null": {"broker:Claim/suspended": "false"}}"#
    private static let active = #"{"Bool": {"broker:Claim/active": "true"}}"#
    private static let high = #"{"NumericGreaterThanEquals": {"broker:Claim/level": "3"}}"#
    private static let level = #"{"StringEquals": {"broker:Claim/level": ["3", "03", "true"]}}"#

    @Test(arguments: [
        (staff, "groups: [ops, staff]", "allow"), (staff, "groups: [ops]", "deny"), (staff, "groups: staff", "allow"),
        (staff, "groups: [staff, 1]", "deny"), (staff, "groups: []", "deny"),
        (suspended, "suspended: true", "allow"), (suspended, "suspended: 0", "allow"),
        (suspended, "suspended: {by: ~}", "allow"), (suspended, "suspended: [~]", "allow"),
        (suspended, "suspended: []", "deny"), (suspended, "suspended: ''", "deny"),
        (level, "level: '3'", "allow"), (level, "level: 3", "deny"), (level, "level: 03", "allow"),
        (level, "level: 'true'", "allow"), (level, "level: true", "deny"),
        (active, "active: true", "allow"), (active, "active: false", "deny"), (active, "active: 'true'", "deny"),
        (active, "active: [true]", "deny"), (high, "level: 3", "allow"), (high, "level: 2.9", "deny"),
        (high, "level: '3'", "deny"), (high, "level: 03", "deny"), (high, "level: true", "deny"),
    ])
    func `A claim of any kind is judged as it would be in a token`(
        condition: String, claim: String, expect: String
    ) throws {
        let policies = Self.policies.replacing(
            "    requirements:", with: "    condition: \(condition)\n    requirements:")
        let person = Self.person.replacing("research}", with: "research, \(claim)}")
        let rules = expect == "deny" ? "[condition]" : "[]"
        let results = try run(
            "cases: [{name: n, principal: \(person), request: {policy: reader}, expect: \(expect), rules: \(rules)}]",
            policies: policies)
        #expect(results.map(\.passed) == [true], "\(results)")
    }

    @Test func `Rules and tags can be expected, and what differs is said`() throws {
        let results = try run(
            """
            cases:
              - {name: one, principal: \(Self.person), request: {policy: reader}, expect: allow, tags: {department: sales}}
              - {name: two, principal: {teams: [developers]}, request: {policy: reader}, expect: deny, rules: [recent_mfa, condition]}
              - {name: three, principal: {teams: [developers]}, request: {policy: reader}, expect: deny, rules: [recent_mfa]}
            """)
        #expect(results.map(\.passed) == [false, false, true])
        #expect(results[0].differences == ["expected the tag department to be \"sales\", but it is \"research\""])
        #expect(results[1].differences.count == 1 && results[1].differences[0].contains("expected the rule condition"))
        #expect(results[1].reasons.contains { $0.hasPrefix("recent_mfa: ") && $0.hasSuffix("sign in again with MFA") })
    }

    @Test func `Where tags come from, and the kind of the broker's credentials, are settings of the file`() throws {
        let mapped = "{teams: [developers], claims: {dept: sales}, mfa: 1m, source: 192.0.2.7}"
        let results = try run(
            """
            tags: {department: dept}
            chained: true
            cases:
              - {name: one, principal: \(mapped), request: {policy: reader}, expect: allow, tags: {department: sales}}
              - {name: two, principal: \(mapped), request: {policy: reader, duration: 2h}, expect: deny, rules: [duration_within_limits]}
            """)
        #expect(results.allSatisfy { $0.passed }, "\(results)")
    }

    @Test(arguments: [
        ("cases: []", "must have a case"), ("cases: [{name: n, request: {policy: p}, expect: allow}]", "principal"),
        ("cases: [{name: n, principal: {}, request: {policy: p}, expect: maybe}]", "allow, deny or needs_approval"),
        ("cases: [{name: n, principal: {source: here}, request: {policy: p}, expect: deny}]", "IPv4 or IPv6"),
        ("cases: [{name: n, principal: {}, request: {policy: p, at: noon}, expect: deny}]", "must be an instant"),
        (
            "cases: [{name: n, principal: {claims: {x: }}, request: {policy: p}, expect: deny}]",
            "cases[0].principal.claims.x must have a value"
        ),
        (
            "cases: [{name: n, principal: {claims: {x: [1e999]}}, request: {policy: p}, expect: deny}]",
            "cases[0].principal.claims.x[0] must be a number"
        ),
        ("cases: [{name: n, principal: {roles: []}, request: {policy: p}, expect: deny}]", "unknown key \"roles\""),
        (
            "cases: [{name: n, principal: {}, request: {policy: p, inline_policy: nothing}, expect: deny}]",
            "cases[0].request.inline_policy must be an IAM policy as JSON text"
        ),
        (
            "cases: [{name: n, principal: {}, request: {policy: p}, evaluator: yes, expect: deny}]",
            "cases[0].evaluator must be automatic, manual or none"
        ),
        (
            "cases: [{name: n, principal: {}, request: {policy: p}, expect: deny, approvers: []}]",
            "cases[0] has approvers, but nobody decides unless needs_approval is expected"
        ),
        (
            "cases: [{name: n, principal: {}, request: {policy: p}, expect: needs_approval, approvers: [{may: true}]}]",
            "cases[0].approvers[0] lacks the key \"principal\""
        ),
        (
            "cases: [{name: n, principal: {}, request: {policy: p}, expect: needs_approval, "
                + "approvers: [{principal: {}}]}]",
            "cases[0].approvers[0] lacks the key \"may\""
        ),
    ])
    func `A file of cases that can't be meant is refused, with its place`(text: String, mention: String) {
        let error = #expect(throws: InvalidYAML.self) { try run(text) }
        #expect(error?.description.contains(mention) == true, "\(String(describing: error))")
        #expect(error?.position != nil)
    }

    @Test func `The example's cases are as expected of the example's policies`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let results = try PolicyCases.run(path: root.appending(path: "config/policy-cases.yaml").path())
        #expect(results.count >= 7)
        #expect(results.allSatisfy { $0.passed }, "\(results.filter { !$0.passed })")
        #expect(PolicyLint.findings(in: [root.appending(path: "config/policies.yaml").path()]).isEmpty)
    }
}
