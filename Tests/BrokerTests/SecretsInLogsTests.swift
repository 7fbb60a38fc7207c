import AWSAPI
import AccessControl
import BrokerStore
import Hummingbird
import Testing

@Suite("Logs")
struct SecretsInLogsTests {
    @Test("Defect A6: no token, secret key or session token is in any log line or audit event, whatever happens")
    func noSecrets() async throws {
        let broker = try await BrokerUnderTest()
        for policy in ["reader", "admin", "foreign", "absent"] { _ = try await broker.ask(policy) }
        let request = #"{"policy":"reader","sessionDuration":900}"#
        _ = try await broker.send(.post, "/credentials/request", body: request)
        _ = try await broker.send(.get, "/credentials")
        for token in [
            FakeTokens.expired, FakeTokens.unverifiable, FakeTokens.oddTeams, FakeTokens.otherIssuer, "x.y.forged",
        ] {
            _ = try await broker.ask("reader", token: token)
        }
        _ = try await broker.send(.get, "/v1/policies?token=\(FakeTokens.developer)")
        _ = try await broker.send(.post, "/v1/credentials", body: "{\"\(FakeTokens.developer)\":1}")
        let asked = try await broker.send(.post, "/v1/requests", body: #"{"policy":"admin"}"#)
        let id = try #require(asked.json["request_id"] as? String)
        let hash = try #require(asked.json["content_hash"] as? String)
        let vote = #"{"decision":"approve","content_hash":"\#(hash)"}"#
        _ = try await broker.send(.post, "/v1/requests/\(id)/decision", token: FakeTokens.guardian, body: vote)
        _ = try await broker.send(.post, "/v1/requests/\(id)/revoke", token: FakeTokens.guardian, body: "{}")
        broker.records.fail(.record)
        _ = try await broker.ask("reader")
        broker.records.fail()
        broker.sts.fail(with: .refused(code: "AccessDenied", status: 403, message: "no"))
        _ = try await broker.ask("reader")

        let log = broker.log.text
        #expect(log.contains("credentials issued") && log.contains("issuance not recorded"))
        #expect(log.contains("authentication failed") && log.contains("role not assumed"))
        let records = try await broker.records.auditTrail(after: 0, limit: 1000)
        // Denials in IAM come from no request; they hold the ARN of a role and names of sessions only.
        #expect(Set(records.map(\.event.kind)) == Set(AuditEvent.Kind.allCases).subtracting([.roleDenial]))
        let trail = records.map { "\($0)" }.joined()
        #expect(trail.contains("ASIAEXAMPLE1"))
        let secrets = [
            FakeSTS.secretKey, FakeSTS.sessionToken, FakeTokens.developer, FakeTokens.expired, FakeTokens.unverifiable,
            FakeTokens.oddTeams, FakeTokens.otherIssuer, FakeTokens.guardian, "x.y.forged",
        ]
        for secret in secrets {
            #expect(!log.contains(secret))
            #expect(!trail.contains(secret))
        }
    }
}
