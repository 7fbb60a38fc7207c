import AccessControl
import Credentials
import Testing

@Suite("AccessRules")
struct AccessRulesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var risk = 10
        var hasPolicy = true
        var teams = [TeamOf(id: "developers", policies: ["reader"])]
        var memberOf = ["developers"]
        var duration: Duration? = .seconds(900)
        var claims = ["custom:department": "research"]
        var chains = false
        let outcome: Decision.Outcome
        var reason: DecisionReason?

        var testDescription: String { name }
    }

    struct TeamOf: Sendable {
        let id: String
        let policies: [String]
    }

    static let cases: [Case] = [
        Case(name: "member, low risk", outcome: .allow),
        Case(name: "no duration asked", duration: nil, outcome: .allow),
        Case(name: "longest duration", duration: .seconds(7200), outcome: .allow),
        Case(name: "risk 50", risk: 50, outcome: .allow),
        Case(name: "risk 51", risk: 51, outcome: .needsApproval),
        Case(name: "risk 100", risk: 100, outcome: .needsApproval),
        Case(name: "no policy", hasPolicy: false, outcome: .deny, reason: .policyUnknown(policy: "reader")),
        Case(name: "no team", memberOf: [], outcome: .deny, reason: .noTeamMayRequest(policy: "reader")),
        Case(name: "other team", memberOf: ["others"], outcome: .deny, reason: .noTeamMayRequest(policy: "reader")),
        Case(
            name: "team without the policy", teams: [TeamOf(id: "developers", policies: [])], outcome: .deny,
            reason: .noTeamMayRequest(policy: "reader")),
        Case(
            name: "teams that the user isn't in", teams: [TeamOf(id: "admins", policies: ["reader"])], outcome: .deny,
            reason: .noTeamMayRequest(policy: "reader")),
        Case(name: "high risk and no team", risk: 90, memberOf: [], outcome: .deny),
        Case(
            name: "too short", duration: .seconds(899), outcome: .deny,
            reason: .durationTooShort(seconds: 899, shortest: 900)),
        Case(
            name: "negative", duration: .seconds(-1), outcome: .deny,
            reason: .durationTooShort(seconds: -1, shortest: 900)),
        Case(name: "not whole", duration: .milliseconds(900_500), outcome: .deny, reason: .durationNotWhole),
        Case(
            name: "too long", duration: .seconds(7201), outcome: .deny,
            reason: .durationTooLong(seconds: 7201, longest: 7200, limit: .policy)),
        Case(
            name: "absurd", duration: .seconds(Int64.max), outcome: .deny,
            reason: .durationTooLong(seconds: Int(Int64.max), longest: 7200, limit: .policy)),
        Case(
            name: "over an hour while roles are chained", duration: .seconds(3601), chains: true, outcome: .deny,
            reason: .durationTooLong(seconds: 3601, longest: 3600, limit: .roleChaining)),
        Case(name: "no duration while roles are chained", duration: nil, chains: true, outcome: .allow),
        Case(
            name: "no claim", claims: [:], outcome: .deny,
            reason: .userTagMissing(policy: "reader", claim: "custom:department")),
        Case(
            name: "empty claim", claims: ["custom:department": ""], outcome: .deny,
            reason: .userTagMissing(policy: "reader", claim: "custom:department")),
        Case(
            name: "claim without its prefix", claims: ["department": "x"], outcome: .deny,
            reason: .userTagMissing(policy: "reader", claim: "custom:department")),
    ]

    @Test("The standard rules decide", arguments: cases)
    func decides(_ item: Case) throws {
        let decision = AccessRules.standard.decide(try request(item), knowing: try facts(item))
        #expect(decision.outcome == item.outcome)
        #expect(!decision.reasons.isEmpty)
        #expect(decision.trace.count == 11)
        if let reason = item.reason { #expect(decision.reasons.contains(reason)) }
    }

    @Test("Defect B7: a risk that needs approval is refused where the policy names nobody who may approve")
    func nobodyApproves() throws {
        let teams = [try Team(id: "developers", policies: ["reader"])]
        let facts = AccessFacts(policy: try Sample.policy(risk: 51, approval: nil), teams: teams, chainsRoles: false)
        let decision = AccessRules.standard.decide(Sample.request(), knowing: facts)
        #expect(decision.outcome == .deny)
        #expect(decision.reasons == [.nobodyApproves(policy: "reader")])
    }

    @Test(
        "The company's evaluator has the say where the policy has none, and its silence never allows",
        arguments: [
            (10, ExternalEvaluation.automatic, Decision.Outcome.allow), (99, .automatic, .allow),
            (10, .manual, .needsApproval),
            (10, .unanswered, .needsApproval), (99, .unanswered, .needsApproval),
            (10, .notAsked, .needsApproval), (99, .notAsked, .needsApproval),
        ])
    func evaluator(risk: Int, word: ExternalEvaluation, outcome: Decision.Outcome) throws {
        let teams = [try Team(id: "developers", policies: ["reader"])]
        let rule = ApprovalRule(teams: ["security"], count: 1, allowsOwnRequests: false, patienceSeconds: 60)
        let facts = AccessFacts(
            policy: try Sample.policy(risk: risk, approval: rule), teams: teams, chainsRoles: false, evaluation: word)
        #expect(AccessRules.standard.decide(Sample.request(), knowing: facts).outcome == outcome)
        let others = AccessFacts(
            policy: try Sample.policy(risk: risk, approval: rule), teams: [], chainsRoles: false, evaluation: word)
        #expect(AccessRules.standard.decide(Sample.request(), knowing: others).outcome == .deny)
    }

    @Test("Where the evaluator isn't asked, what forbids is all that is said, and nothing is allowed")
    func evaluatorNotAsked() throws {
        let teams = [try Team(id: "developers", policies: ["reader"])]
        func decision(_ requirements: Requirements?) throws -> Decision {
            let policy = try Sample.policy(requirements: requirements, approval: nil)
            let facts = AccessFacts(policy: policy, teams: teams, chainsRoles: false, evaluation: .notAsked)
            return AccessRules.standard.decide(Sample.request(), knowing: facts)
        }
        let refused = try decision(try Requirements(reason: true))
        #expect(refused.outcome == .deny && refused.reasons == [.reasonMissing])
        #expect(refused.trace.contains { $0.reason == .evaluatorNotAsked && $0.verdict == .asksForApproval })
        #expect(try decision(nil).outcome == .needsApproval)
    }

    @Test("An empty rule set allows nothing")
    func emptyRulesDeny() throws {
        let item = Case(name: "", outcome: .allow)
        let decision = AccessRules([]).decide(try request(item), knowing: try facts(item))
        #expect(decision.outcome == .deny)
        #expect(decision.reasons == [.noRules])
    }

    @Test("A policy of another id is no policy")
    func otherPolicy() throws {
        let facts = AccessFacts(policy: try Sample.policy(id: "writer"), teams: [], chainsRoles: false)
        #expect(AccessRules.standard.decide(Sample.request(), knowing: facts).outcome == .deny)
    }

    @Test("An allowance lists what allowed it, rule by rule")
    func allowListsReasons() throws {
        let item = Case(name: "", outcome: .allow)
        let decision = AccessRules.standard.decide(try request(item), knowing: try facts(item))
        #expect(decision.reasons.contains(.teamMayRequest(team: "developers", policy: "reader")))
        #expect(decision.reasons.count == 7)
    }

    @Test("Session tags are the user's in the policy's order, then the fixed ones, and nothing else")
    func sessionTags() throws {
        let principal = Sample.principal(claims: ["custom:b": "2", "custom:a": "1", "custom:c": "3"])
        let tags = try Sample.policy(userTags: ["b", "a"]).sessionTags(for: principal)
        #expect(tags.map(\.key) == ["b", "a", "stage"])
        #expect(tags.map(\.value) == ["2", "1", "dev"])
    }

    private func request(_ item: Case) throws -> AccessRequest {
        Sample.request(
            duration: item.duration, principal: Sample.principal(teams: item.memberOf, claims: item.claims))
    }

    private func facts(_ item: Case) throws -> AccessFacts {
        AccessFacts(
            policy: item.hasPolicy ? try Sample.policy(risk: item.risk, maximum: .seconds(7200)) : nil,
            teams: try item.teams.map { try Team(id: $0.id, policies: $0.policies) }, chainsRoles: item.chains)
    }
}
