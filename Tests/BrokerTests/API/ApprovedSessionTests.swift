import AccessControl
import Foundation
import HTTPTypes
import Testing

@testable import Broker

/// What an approval is of, as far as the policy says it: all of it for those who decide, for others what they know.
@Suite struct ApprovedSessionTests {
    static let inline =
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","#
        + #""Resource":"arn:aws:s3:::{{tag/department}}/*"}]}"#
    static let policies = BrokerUnderTest.policies.replacing(
        "risk: 80, ",
        with: "risk: 80, user_tags: [department], default_tags: [{stage: prod}], transitive_tags: [stage], "
            + #"external_id: secret-word, managed_policies: ["arn:aws:iam::aws:policy/ReadOnlyAccess"], "#
            + "inline_policy: '\(inline)', ")

    private func asked(_ broker: BrokerUnderTest) async throws -> (id: String, answer: Answer) {
        let requests = RequestsUnderTest(broker: broker)
        let answer = try await requests.ask()
        #expect(answer.status == 201, "\(answer.body)")
        return (try requests.id(answer), answer)
    }

    private func first(_ list: Answer) throws -> [String: Any] {
        let requests = list.json["requests"] as? [[String: Any]]
        return try #require(requests?.first)
    }

    @Test func `defect A9: whoever decides is shown what AWS is asked for, and whoever asked is not`() async throws {
        let broker = try await BrokerUnderTest(policies: Self.policies)
        let (id, answer) = try await asked(broker)
        let shown = try await broker.send(.get, "/v1/requests/\(id)", token: FakeTokens.guardian)
        let session = try #require(shown.json["session"] as? [String: Any])
        #expect(session["base_role"] as? String == "arn:aws:iam::111122223333:role/Admin")
        #expect(session["managed_policies"] as? [String] == ["arn:aws:iam::aws:policy/ReadOnlyAccess"])
        #expect(
            session["inline_policy"] as? String == Self.inline.replacing("{{tag/department}}", with: "research"))
        #expect(session["transitive_tags"] as? [String] == ["stage"])
        #expect(session["sends_external_id"] as? Bool == true)
        #expect(session["sends_source_identity"] as? Bool == true)
        #expect(!shown.body.contains("secret-word"))
        let decided = try await RequestsUnderTest(broker: broker).decide(shown)
        #expect(decided.json["session"] != nil && decided.json["state"] as? String == "active")
        for own in [
            answer, try await broker.send(.get, "/v1/requests/\(id)"), try await broker.send(.get, "/v1/requests"),
            try await broker.send(.post, "/v1/requests/\(id)/revoke", body: "{}"),
        ] {
            #expect(own.status / 100 == 2)
            for text in ["session", "arn:aws:", "secret-word"] { #expect(!own.body.contains(text), "\(text)") }
        }
    }

    @Test func `everybody who sees a request sees the policy's version, account and risk, in lists too`() async throws {
        let broker = try await BrokerUnderTest(policies: Self.policies)
        let (id, answer) = try await asked(broker)
        let policy = try await broker.records.policy("admin")
        let version = try #require(policy).version.description
        let own = try await broker.send(.get, "/v1/requests")
        let waiting = try await broker.send(.get, "/v1/requests?scope=to_decide", token: FakeTokens.guardian)
        #expect(!waiting.body.contains("session"))
        let single = try await broker.send(.get, "/v1/requests/\(id)", token: FakeTokens.guardian)
        let (mine, theirs) = (try first(own), try first(waiting))
        for request in [answer.json, single.json, mine, theirs] {
            #expect(request["policy_version"] as? String == version)
            #expect(request["account"] as? String == "111122223333" && request["risk"] as? Int == 80)
        }
    }

    @Test func `of a policy that has changed since, only the version that was asked for is told`() async throws {
        let broker = try await BrokerUnderTest(policies: Self.policies)
        let (id, answer) = try await asked(broker)
        try await broker.load(Self.policies.replacing("role/Admin", with: "role/Root"))
        let own = try await broker.send(.get, "/v1/requests")
        let single = try await broker.send(.get, "/v1/requests/\(id)", token: FakeTokens.guardian)
        let listed = try first(own)
        for request in [listed, single.json] {
            #expect(request["policy_version"] as? String == answer.json["policy_version"] as? String)
            #expect(request["account"] == nil && request["risk"] == nil && request["session"] == nil)
        }
        #expect(single.json["may_decide"] as? Bool == true, "denying it is possible")
    }

    @Test func `a list of one's own requests reads each policy once`() async throws {
        let broker = try await BrokerUnderTest(policies: Self.policies)
        for policy in ["admin", "reader", "admin", "reader", "admin"] {
            #expect(try await RequestsUnderTest(broker: broker).ask(policy).status == 201)
            broker.clock.advance(by: 1)
        }
        let before = broker.records.policyReads
        let own = try await broker.send(.get, "/v1/requests")
        #expect((own.json["requests"] as? [[String: Any]])?.count == 5)
        #expect(broker.records.policyReads - before == 2)
    }
}
