import AWSAPI
import AccessControl
import Foundation
import Hummingbird
import Testing

@testable import Broker

@Suite struct InlinePolicyRoutesTests {
    private static let allow = #"{"Action":"s3:GetObject","Effect":"Allow","Resource":"*"}"#
    private static let deny = #"{"Action":"s3:Delete*","Effect":"Deny","Resource":"*"}"#

    private static func document(_ statements: String...) -> String {
        #"{"Statement":[\#(statements.joined(separator: ","))],"Version":"2012-10-17"}"#
    }

    private func body(_ policy: String, _ inline: String, original: Bool = false) throws -> String {
        var body: [String: Any] = ["policy": policy, "inline_policy": inline]
        body[original ? "sessionDuration" : "duration_seconds"] = 900
        return String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
    }

    @Test func `The original's inline policy narrows what is picked up, and an empty one is none`() async throws {
        let broker = try await BrokerUnderTest()
        let inline = Self.document(Self.allow)
        for text in [inline, ""] {
            let body = try body("reader", text, original: true)
            #expect(try await broker.send(.post, "/credentials/request", body: body).status == 200)
            #expect(try await broker.send(.get, "/credentials").status == 200)
            #expect(broker.sts.calls.last?.policy == (text.isEmpty ? nil : inline))
            broker.clock.advance(by: 1)
        }
        let trail = try await broker.records.auditLines(after: 0, limit: 100)
        #expect(trail.count { $0.kind == "request" && $0.details.contains("s3:GetObject") } == 1)
    }

    @Test func `Approvers see it as it will be sent, are told of it, and what programs get under the grant has it`()
        async throws
    {
        let broker = try await BrokerUnderTest(
            policies: BrokerUnderTest.policies.replacing(
                "expires_after: 2h}", with: "expires_after: 2h, notify: [desk]}"))
        let inline = Self.document(Self.allow, Self.deny)
        let asked = try await broker.send(
            .post, "/v1/requests", body: try body("admin", " \(inline.replacing(",", with: ", "))\n"))
        #expect(asked.status == 201)
        let id = try #require(asked.json["request_id"] as? String)
        let plain = try await broker.send(.post, "/v1/requests", body: #"{"policy":"admin","duration_seconds":900}"#)
        let shown = try await broker.send(.get, "/v1/requests/\(id)", token: FakeTokens.guardian).json
        #expect(shown["inline_policy"] as? String == inline)
        let hash = try #require(shown["content_hash"] as? String)
        #expect(plain.json["content_hash"] as? String != hash)
        #expect(try await broker.outbox().contains { $0.notice.inlinePolicy == inline })
        let decision = #"{"decision":"approve","content_hash":"\#(hash)"}"#
        let approved = try await broker.send(
            .post, "/v1/requests/\(id)/decision", token: FakeTokens.guardian, body: decision)
        #expect(approved.json["state"] as? String == "active")
        #expect(try await broker.ask("admin").status == 200)
        #expect(broker.sts.calls.last?.policy == inline)
    }

    @Test(arguments: [
        "managed_policies: ['arn:aws:iam::aws:policy/ReadOnlyAccess']", "inline_policy: '\(document(allow))'",
    ])
    func `Where the policy narrows already, a request that allows is refused, and one that denies is joined`(
        field: String
    ) async throws {
        let broker = try await BrokerUnderTest(
            policies: BrokerUnderTest.policies.replacing("max_duration: 2h}", with: "max_duration: 2h, \(field)}"))
        let refused = try await broker.send(
            .post, "/v1/requests", body: try body("reader", Self.document(Self.allow)))
        #expect(refused.status == 422 && refused.problemCode == "limit_exceeded")
        #expect(refused.detail.contains("the request's inline_policy"), "\(refused.detail)")
        #expect(
            try await broker.send(.post, "/v1/requests", body: try body("reader", Self.document(Self.deny))).status
                == 201)
        #expect(try await broker.send(.get, "/credentials").status == 200)
        let sent = try #require(broker.sts.calls.last?.policy)
        #expect(sent.contains("s3:Delete*"))
        #expect(sent.contains("s3:GetObject") == field.hasPrefix("inline"))
    }

    @Test func `Where the policy does not narrow, a request that only denies is refused`() async throws {
        let refused = try await BrokerUnderTest().send(
            .post, "/v1/requests", body: try body("reader", Self.document(Self.deny)))
        #expect(refused.status == 422 && refused.problemCode == "limit_exceeded")
        #expect(refused.detail.contains("could do nothing"), "\(refused.detail)")
    }

    @Test(arguments: ["", "{}", "nonsense", document(#"{"Effect":"Deny"}"#)])
    func `What is no IAM policy is malformed`(text: String) async throws {
        let answer = try await BrokerUnderTest().send(.post, "/v1/requests", body: try body("reader", text))
        #expect(answer.status == 400 && answer.problemCode == "invalid_request")
        #expect(answer.detail.contains("inline_policy"), "\(answer.detail)")
    }
}
