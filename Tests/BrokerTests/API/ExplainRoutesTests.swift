import Foundation
import HTTPTypes
import Testing

@testable import Broker

@Suite struct ExplainRoutesTests {
    private let broker: BrokerUnderTest

    init() async throws {
        let condition = "condition: {StringEquals: {broker:Claim/custom:department: research}}"
        broker = try await BrokerUnderTest(
            policies: BrokerUnderTest.policies.replacing(
                "max_duration: 2h}", with: "max_duration: 2h, requirements: {ticket: 'OPS-*'}, \(condition)}"))
    }

    private func explain(_ body: String, as token: String = FakeTokens.developer) async throws -> Answer {
        try await broker.send(.post, "/v1/explain", token: token, body: body)
    }

    private func rule(_ answer: Answer, _ name: String) -> (verdict: String?, reason: String?) {
        let rule = (answer.json["rules"] as? [[String: String]])?.first { $0["rule"] == name }
        return (rule?["verdict"], rule?["reason"])
    }

    @Test func `Whoever asks is told of their own request, rule by rule, and nothing is made of it`() async throws {
        let answer = try await explain(#"{"policy":"reader","duration_seconds":900}"#)
        #expect(answer.status == 200)
        #expect(answer.json["outcome"] as? String == "deny")
        #expect(rule(answer, "ticket_matches").verdict == "forbids")
        #expect(rule(answer, "ticket_matches").reason?.contains("OPS-*") == true)
        #expect(rule(answer, "condition").reason == "the policy's condition holds")
        #expect(answer.json["longest_seconds"] as? Int == 7200)
        let tags = try #require(answer.json["tags"] as? [[String: String]])
        #expect(tags.first == ["key": "department", "value": "research", "source": "claim:custom:department"])
        let allowed = try await explain(#"{"policy":"reader","ticket":"OPS-1"}"#)
        #expect(allowed.json["outcome"] as? String == "allow")
        #expect(try await broker.auditKinds().isEmpty)
        #expect(broker.sts.calls.isEmpty)
    }

    @Test(arguments: ["foreign", "nonexistent"])
    func `A policy of other teams doesn't exist for whoever asks`(policy: String) async throws {
        #expect(try await explain(#"{"policy":"\#(policy)"}"#).problemCode == "policy_not_found")
    }

    @Test func `Of others' requests, auditors are told, with what conditions saw`() async throws {
        let body =
            #"{"policy":"reader","ticket":"OPS-1","user":"bob","teams":["developers"],"claims":{"custom:department":"sales"}}"#
        #expect(try await explain(body).problemCode == "access_denied")
        let answer = try await explain(body, as: FakeTokens.guardian)
        #expect(answer.status == 200)
        #expect(answer.json["outcome"] as? String == "deny")
        #expect(rule(answer, "condition").reason?.contains(#"it is "sales""#) == true)
        let unknown = try await explain(#"{"policy":"nonexistent","user":"bob"}"#, as: FakeTokens.guardian)
        #expect(unknown.json["outcome"] as? String == "deny")
    }

    @Test(arguments: [
        (#"{"policy":"reader","teams":["developers"]}"#, "user"),
        (#"{"policy":"reader","user":"b","teams":["a b"]}"#, "teams"),
        (#"{"policy":"reader","user":"b","issuer":"https://evil.example"}"#, "issuer"),
        (#"{"policy":"reader","user":"b","source":"here"}"#, "source"),
        (#"{"policy":"reader","starts_at":"noon"}"#, "starts_at"),
        (#"{"policy":"reader","user":"b","signed_in_at":"noon"}"#, "signed_in_at"),
        (#"{"policy":"reader","who":"b"}"#, "who"),
    ])
    func `What can't be meant is malformed`(body: String, key: String) async throws {
        let answer = try await explain(body, as: FakeTokens.guardian)
        #expect(answer.problemCode == "invalid_request")
        #expect(answer.detail.contains("\"\(key)\""))
    }
}
