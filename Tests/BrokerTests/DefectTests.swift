import AWSAPI
import AccessControl
import Credentials
import Foundation
import HTTPTypes
import IDTokens
import Testing

@testable import Broker

/// Defects of the original system that belong to no one route or rule; `docs/original.md` lists all of them.
@Suite struct DefectTests {
    @Test
    func `defect A8: each session is of the policy's own role, narrowed by its own policies, and of nothing else`()
        async throws
    {
        let policies = BrokerUnderTest.policies.replacing(
            "role/Reader\", ", with: "role/Reader\", managed_policies: [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"], ")
        let broker = try await BrokerUnderTest(policies: policies)
        #expect(try await broker.ask("reader").status == 200)
        #expect(try await broker.ask("foreign").status == 404)
        #expect(try await broker.ask("admin").status == 202)
        let call = try #require(broker.sts.calls.first)
        #expect(broker.sts.calls.count == 1)
        #expect(call.roleARN.description == "arn:aws:iam::111122223333:role/Reader")
        #expect(call.policyARNs == ["arn:aws:iam::aws:policy/ReadOnlyAccess"])
    }

    @Test func `defect A8: a company's own program is asked without any key or token, and can't mint`() async throws {
        let policies = BrokerUnderTest.policies.replacing("risk: 10,", with: "risk: 10, approval: {teams: [security]},")
        let broker = try await BrokerUnderTest(policies: policies, evaluator: CuriousEvaluator())
        #expect(try await broker.ask("reader").status == 202)
        #expect(broker.sts.calls.isEmpty)
    }

    private static let attributes: [(String, ClaimValue)] = [
        ("teams", .string("security")), ("groups", .array([.string("security")])),
        ("cognito:groups", .array([.string("security")])), ("custom:team", .string("security")),
        ("custom:Teams", .string("security")), ("roles", .array([.string("security")])),
        ("nickname", .string("security")),
        ("profile", .string("security")), ("email", .string("boss@example.com")), ("name", .string("boss")),
        ("preferred_username", .string("boss")),
    ]

    @Test(arguments: attributes)
    func `defect A10: claims that the configuration does not name give nobody a team, a name or an address`(
        claim: String, value: ClaimValue
    ) throws {
        let mapping = ClaimMapping(user: "cognito:username", teams: "custom:teams")
        let claims: [String: ClaimValue] = [
            "sub": .string("1"), "cognito:username": .string("alice"), "custom:teams": .string("developers"),
            claim: value,
        ]
        let principal = try mapping.principal(
            of: VerifiedIDToken(
                issuer: FakeTokens.issuer, subject: "1", audiences: ["stsbroker"], expiration: .distantFuture,
                issuedAt: nil,
                claims: claims), from: RequestSource())
        #expect(principal.teams == ["developers"])
        #expect(principal.userName == "alice")
        #expect(principal.email == nil, "an address counts only if the identity provider has verified it")
    }

    @Test func `defect B3: a person in 150 teams sees and has the policies of all of them`() async throws {
        let teams = (0..<150).map { "team-\($0)" }
        let entries = teams.indices.map { index in
            """
              - {id: policy-\(index), description: one of many, account: "111122223333",
                 base_role: "arn:aws:iam::111122223333:role/R\(index)", risk: 10, max_duration: 1h}
            """
        }
        let lists = teams.indices.map { "  - {id: team-\($0), policies: [policy-\($0)]}" }
        let broker = try await BrokerUnderTest(
            policies: "policies:\n\(entries.joined(separator: "\n"))\nteams:\n\(lists.joined(separator: "\n"))\n")
        let principal = Principal(
            id: PrincipalID(issuer: FakeTokens.issuer, subject: "1"), userName: "alice", teams: teams, claims: [:])
        let policies = RequestablePolicies(records: broker.records, logger: broker.logger)
        #expect(try await policies.list(for: principal).count == 150)
        let wish = try Wish(policy: "policy-149", seconds: 900, reason: nil)
        guard case .issued = try await broker.parts.issuance.issue(wish, to: principal) else {
            Issue.record("the last team's policy is not had")
            return
        }
    }

    @Test func `defect B6: whoever asks by the original's call to be told in Slack is told there`() async throws {
        let routing = NoticeRouting(approverTargets: ["desk"], requesters: [.slack: "chat", .email: "people"])
        let broker = try await BrokerUnderTest(routing: routing)
        let asked = try await broker.send(
            .post, "/credentials/request",
            body: #"{"policy":"admin","sessionDuration":"1800","notificationChannel":"slack"}"#)
        #expect(asked.status == 200)
        let requests = RequestsUnderTest(broker: broker)
        let list = try await broker.send(.get, "/v1/requests?scope=to_decide", token: FakeTokens.guardian)
        let request = try #require((list.json["requests"] as? [[String: Any]])?.first)
        let id = try #require(request["request_id"] as? String)
        let shown = try await broker.send(.get, "/v1/requests/\(id)", token: FakeTokens.guardian)
        #expect(try await requests.decide(shown).status == 200)
        let told = try await broker.outbox().filter { $0.notice.kind == .granted }
        #expect(told.map(\.address) == [NoticeAddress(target: "chat")])
    }
}

/// Says no, after it has looked for what it must not have.
private struct CuriousEvaluator: RequestEvaluating {
    func evaluation(
        of request: AccessRequest, under policy: AccessPolicy, team: Team, channel: RequesterChannel?
    ) async -> ExternalEvaluation {
        let seen = "\(request) \(policy) \(team)"
        #expect(!seen.contains(FakeTokens.developer) && !seen.contains(FakeSTS.secretKey))
        return .manual
    }
}
