import AWSAPI
import AccessControl
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import Broker

@Suite struct RequirementRoutesTests {
    private func broker(_ reader: String, chainsRoles: Bool = false) async throws -> BrokerUnderTest {
        try await BrokerUnderTest(
            policies: BrokerUnderTest.policies.replacing("max_duration: 2h}", with: "max_duration: 2h, \(reader)}"),
            chainsRoles: chainsRoles)
    }

    @Test func `Whoever lacks what is required is told what, and what the policy requires is listed`() async throws {
        let broker = try await broker("requirements: {reason: true, ticket: 'OPS-?*'}")
        let refused = try await broker.ask("reader")
        #expect(refused.status == 403)
        #expect(refused.problemCode == "requirement_unmet")
        #expect(refused.detail.contains("say why") && refused.detail.contains("OPS-?*"), "\(refused.detail)")
        let body = #"{"policy":"reader","duration_seconds":900,"reason":"deploys","ticket":"OPS-7"}"#
        for path in ["/v1/credentials", "/v1/console-links"] {
            #expect(try await broker.send(.post, path, body: body).status == 200, "\(path)")
        }
        let original = #"{"policy":"reader","sessionDuration":900,"reason":"deploys","ticket":"OPS-7"}"#
        #expect(try await broker.send(.post, "/credentials/request", body: original).status == 200)
        let policies = try await broker.send(.get, "/v1/policies").json["policies"] as? [[String: Any]]
        let reader = try #require(policies?.first { $0["id"] as? String == "reader" })
        #expect(reader["requires"] as? [String] == ["reason", "ticket"])
        let trail = try await broker.records.auditLines(after: 0, limit: 100)
        #expect(trail.contains { $0.kind == "request" && $0.details.contains(#""ticket":"OPS-7""#) })
    }

    @Test(arguments: [#""""#, #""a b""#, #""a\nb""#, "7", #""\#(String(repeating: "x", count: 129))""#])
    func `What can't be a ticket is malformed`(ticket: String) async throws {
        let answer = try await BrokerUnderTest().send(
            .post, "/v1/requests", body: #"{"policy":"reader","ticket":\#(ticket)}"#)
        #expect(answer.problemCode == "invalid_request")
        #expect(answer.detail.contains("ticket"))
    }

    @Test func `Approvers see the ticket and where tags come from, and their approval is of both`() async throws {
        let broker = try await BrokerUnderTest(
            policies: BrokerUnderTest.policies.replacing(
                "risk: 80, max_duration: 1h,",
                with:
                    "risk: 80, max_duration: 1h, user_tags: [department], default_tags: [{stage: prod}], grant_tag: request,"
            ).replacing("expires_after: 2h}", with: "expires_after: 2h, notify: [desk]}"))
        func request(_ ticket: String) async throws -> Answer {
            try await broker.send(.post, "/v1/requests", body: #"{"policy":"admin","ticket":"\#(ticket)"}"#)
        }
        let first = try await request("OPS-1")
        let id = try #require(first.json["request_id"] as? String)
        let shown = try await broker.send(.get, "/v1/requests/\(id)", token: FakeTokens.guardian).json
        #expect(shown["ticket"] as? String == "OPS-1")
        #expect((shown["tags"] as? [String: String])?["request"] == id)
        #expect(
            shown["tag_sources"] as? [String: String]
                == ["department": "claim:custom:department", "stage": "default", "request": "broker"])
        let hash = try #require(shown["content_hash"] as? String)
        #expect(try await request("OPS-2").json["content_hash"] as? String != hash)
        #expect(try await broker.outbox().contains { $0.notice.ticket == "OPS-1" })
        let decision = #"{"decision":"approve","content_hash":"\#(hash)"}"#
        let approved = try await broker.send(
            .post, "/v1/requests/\(id)/decision", token: FakeTokens.guardian, body: decision)
        #expect(approved.json["state"] as? String == "active")
        #expect(try await broker.ask("admin").status == 200)
        #expect(broker.sts.calls.last?.tags.last?.value == id)
    }

    @Test func `Defect B1: too long is refused with the rule's name, or cut and said so where the call allows it`()
        async throws
    {
        let broker = try await broker("role_max_session: 2h", chainsRoles: true)
        let refused = try await broker.ask("reader", seconds: 7200)
        #expect(refused.status == 422)
        #expect(refused.detail.contains("roles are chained"))
        for (path, status) in [("/v1/credentials", 200), ("/v1/requests", 201)] {
            let body = #"{"policy":"reader","duration_seconds":7200,"shorten":true}"#
            let answer = try await broker.send(.post, path, body: body)
            #expect(answer.status == status)
            let shortened = try #require(answer.json["shortened"] as? [String: Any], "\(path)")
            #expect(shortened["asked_seconds"] as? Int == 7200)
            #expect(shortened["granted_seconds"] as? Int == 3600)
            #expect((shortened["reason"] as? String)?.contains("chained") == true)
        }
        #expect(broker.sts.calls.last?.durationSeconds == 3600)
        #expect(try await broker.ask("reader", seconds: 900).json["shortened"] == nil)
        let policies = try await broker.send(.get, "/v1/policies").json["policies"] as? [[String: Any]]
        let longest = policies?.first { $0["id"] as? String == "reader" }?["maximum_duration_seconds"]
        #expect(longest as? Int == 3600)
    }

    @Test
    func `The session's policy has the tag's value, and a session over AWS's limits is refused before anybody waits`()
        async throws
    {
        let inline =
            #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::{{tag/department}}"}}"#
        let broker = try await broker("inline_policy: '\(inline)'")
        #expect(try await broker.ask("reader").status == 200)
        #expect(broker.sts.calls.first?.policy?.contains("arn:aws:s3:::research\"") == true)
        let long = try await broker.send(
            .post, "/v1/requests", token: FakeTokens.longTag, body: #"{"policy":"reader"}"#)
        #expect(long.problemCode == "limit_exceeded")
        #expect(long.detail.contains("256"))
    }

    @Test func `An approval outside of the policy's hours begins nothing, unless the access begins within them later`()
        async throws
    {
        let times = #"risk: 80, requirements: {times: [{from: "08:00", to: "09:00"}]},"#
        let broker = try await BrokerUnderTest(
            policies: BrokerUnderTest.policies.replacing("risk: 80,", with: times))
        let requests = RequestsUnderTest(broker: broker)
        let (now, tomorrow) = (try await requests.ask(), try await requests.ask(after: 86_400))
        broker.clock.advance(by: 3600)
        let refused = try await requests.decide(now)
        #expect(refused.status == 403 && refused.problemCode == "requirement_unmet")
        #expect(refused.detail.contains("08:00–09:00"), "\(refused.detail)")
        #expect(try await requests.state(now) == "pending")
        #expect(try await requests.decide(now, "deny").json["state"] as? String == "denied")
        #expect(try await requests.decide(tomorrow).json["state"] as? String == "scheduled")
    }

    @Test func `Over a real connection the policy's networks decide, at the request and when it is picked up`()
        async throws
    {
        let policies = BrokerUnderTest.policies.replacing(
            "max_duration: 2h}", with: "max_duration: 2h, requirements: {networks: [192.0.2.0/24]}}")
        let broker = try await BrokerUnderTest(
            policies: policies, edge: BrokerEdge(proxies: try TrustedProxies(["127.0.0.0/8"])))
        let application = buildApplication(broker.parts, address: .hostname("127.0.0.1", port: 0))
        try await application.test(.live) { client in
            func ask(_ method: HTTPRequest.Method, _ path: String, from address: String) async throws -> (Int, String) {
                let name = try #require(HTTPField.Name("X-Forwarded-For"))
                let headers: HTTPFields = [
                    .authorization: FakeTokens.developer, .contentType: "application/json", name: address,
                ]
                let body = method == .get ? nil : ByteBuffer(string: #"{"policy":"reader"}"#)
                let response = try await client.execute(uri: path, method: method, headers: headers, body: body)
                return (response.status.code, String(buffer: response.body))
            }
            #expect(try await ask(.post, "/v1/credentials", from: "192.0.2.7").0 == 200)
            let elsewhere = try await ask(.post, "/v1/credentials", from: "198.51.100.7")
            #expect(elsewhere.0 == 403)
            #expect(elsewhere.1.contains("requirement_unmet") && elsewhere.1.contains("198.51.100.7"))
            #expect(try await ask(.post, "/v1/credentials", from: "nowhere").0 == 403)
            #expect(try await ask(.post, "/v1/requests", from: "192.0.2.7").0 == 201)
            #expect(try await ask(.get, "/credentials", from: "198.51.100.7").0 == 403)
            #expect(try await ask(.get, "/credentials", from: "192.0.2.7").0 == 200)
        }
    }
}
