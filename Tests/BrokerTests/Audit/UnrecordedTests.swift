import AccessControl
import Foundation
import HTTPTypes
import Testing

/// Rule 7 of the broker: what cannot be recorded does not happen.
@Suite struct UnrecordedTests {
    @Test(
        arguments: [
            (FailingRecords.Act.record, "POST", "/v1/credentials"), (.record, "POST", "/v1/console-links"),
            (.record, "GET", "/credentials"), (.add, "POST", "/v1/credentials"), (.add, "POST", "/v1/console-links"),
            (.add, "POST", "/v1/requests"), (.add, "POST", "/credentials/request"),
        ] as [(FailingRecords.Act, String, String)])
    func `nothing is issued that isn't recorded, by whatever way it was asked for`(
        act: FailingRecords.Act, method: String, path: String
    ) async throws {
        let broker = try await BrokerUnderTest()
        let wish = #"{"policy":"reader"}"#
        let original = #"{"policy":"reader","sessionDuration":900}"#
        // What is picked up was granted before.
        if method == "GET" {
            #expect(try await broker.send(.post, "/credentials/request", body: original).status == 200)
        }
        let before = try await broker.auditKinds()
        broker.records.fail(act)
        let answer = try await broker.send(
            try #require(HTTPRequest.Method(method)), path,
            body: method == "GET" ? nil : path == "/credentials/request" ? original : wish)
        #expect(answer.status == 503 && answer.problemCode == "temporarily_unavailable")
        for secret in [FakeSTS.secretKey, FakeSTS.sessionToken] { #expect(!answer.body.contains(secret)) }
        broker.records.fail()
        // That something was withheld is recorded, where that could be.
        let kinds = try await broker.auditKinds()
        #expect(!kinds.dropFirst(before.count).contains(.issuance))
    }

    @Test func `no vote, cancellation or revocation counts that isn't recorded`() async throws {
        let broker = try await BrokerUnderTest()
        let asked = try await broker.send(.post, "/v1/requests", body: #"{"policy":"admin"}"#)
        let id = try #require(asked.json["request_id"] as? String)
        let hash = try #require(asked.json["content_hash"] as? String)
        let vote = #"{"decision":"approve","content_hash":"\#(hash)"}"#
        let steps = [
            ("decision", FakeTokens.guardian, vote, "pending"), ("cancel", FakeTokens.developer, "{}", "pending"),
            ("revoke", FakeTokens.guardian, "{}", "active"),
        ]
        for (verb, token, body, state) in steps {
            if state == "active" {
                let path = "/v1/requests/\(id)/decision"
                #expect(try await broker.send(.post, path, token: FakeTokens.guardian, body: vote).status == 200)
            }
            broker.records.fail(.record)
            let answer = try await broker.send(.post, "/v1/requests/\(id)/\(verb)", token: token, body: body)
            #expect(answer.status == 503, "\(verb)")
            broker.records.fail()
            #expect(try await broker.send(.get, "/v1/requests/\(id)").json["state"] as? String == state, "\(verb)")
        }
    }
}
