import AWSAPI
import AccessControl
import Broker
import BrokerStore
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

/// Requests over real connections from 127.0.0.1, which is a trusted proxy here.
@Suite struct SourceTests {
    private struct Visitor: Sendable {
        let client: any TestClientProtocol
        var address: String? = "198.51.100.7"

        func ask(
            _ method: HTTPRequest.Method, _ path: String, token: String? = FakeTokens.developer, body: String? = nil
        ) async throws -> Answer {
            var headers: HTTPFields = [.contentType: "application/json"]
            headers[.authorization] = token
            if let address { headers[try #require(HTTPField.Name("X-Forwarded-For"))] = address }
            let response = try await client.execute(
                uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
            return Answer(
                status: response.status.code, headers: response.headers, body: String(buffer: response.body))
        }
    }

    private func broker(_ policies: String = BrokerUnderTest.policies, _ limits: AddressLimits = AddressLimits())
        async throws
        -> BrokerUnderTest
    {
        try await BrokerUnderTest(
            policies: policies, edge: BrokerEdge(proxies: try TrustedProxies(["127.0.0.0/8"]), addresses: limits))
    }

    private func visit(_ broker: BrokerUnderTest, _ body: @Sendable (Visitor) async throws -> Void) async throws {
        try await buildApplication(broker.parts, address: .hostname("127.0.0.1", port: 0)).test(.live) { client in
            try await body(Visitor(client: client))
        }
    }

    @Test func `every event that a request caused says from where, by whom and for whom`() async throws {
        let broker = try await broker()
        try await visit(broker) { (visitor: Visitor) async throws in
            let issued = try await visitor.ask(.post, "/v1/credentials", body: #"{"policy":"reader"}"#)
            let id = try #require(issued.json["request_id"] as? String)
            let asked = try await visitor.ask(.post, "/v1/requests", body: #"{"policy":"admin"}"#)
            let other = try #require(asked.json["request_id"] as? String)
            let hash = try #require(asked.json["content_hash"] as? String)
            let vote = #"{"decision":"approve","content_hash":"\#(hash)"}"#
            #expect(
                try await visitor.ask(
                    .post, "/v1/requests/\(other)/decision", token: FakeTokens.guardian, body: vote
                ).status == 200)
            _ = try await visitor.ask(.get, "/v1/policies", token: FakeTokens.expired)
            broker.sts.fail(with: .refused(code: "AccessDenied", status: 403, message: "no"))
            _ = try await visitor.ask(.post, "/v1/credentials", body: #"{"policy":"reader"}"#)
            // From then on the policy is refused for a while.
            #expect(try await visitor.ask(.post, "/v1/requests/\(id)/revoke", body: "{}").status == 200)
        }
        let lines = try await broker.records.auditLines(after: 0, limit: 1000).filter { $0.kind != "policy_change" }
        #expect(
            Set(lines.map(\.kind)) == [
                "request", "decision", "issuance", "state_change", "vote", "refusal", "authentication_failure",
            ])
        for line in lines {
            let details = try #require(
                try JSONSerialization.jsonObject(with: Data(line.details.utf8)) as? [String: Any])
            #expect((details["source"] as? [String: String]) == ["address": "198.51.100.7"], "\(line)")
            guard line.kind != "authentication_failure" else { continue }
            #expect((details["principal"] as? [String: String])?["subject"] == "1", "\(line)")
        }
    }

    @Test func `the client's address, not the proxy's, is what a policy's condition sees`() async throws {
        let policies = BrokerUnderTest.policies.replacing(
            "max_duration: 2h", with: "max_duration: 2h, condition: {IpAddress: {broker:SourceIp: [198.51.100.0/24]}}")
        let broker = try await broker(policies)
        try await visit(broker) { (visitor: Visitor) async throws in
            let body = #"{"policy":"reader"}"#
            #expect(try await visitor.ask(.post, "/v1/credentials", body: body).status == 200)
            for address in ["203.0.113.1", "unknown", nil, "198.51.100.7, 203.0.113.1"] {
                var other = visitor
                other.address = address
                #expect(try await other.ask(.post, "/v1/credentials", body: body).status == 403, "\(address ?? "")")
            }
        }
    }

    @Test func `a proxy that says nothing meets no policy's networks, though it is in them`() async throws {
        let policies = BrokerUnderTest.policies.replacing(
            "max_duration: 2h}", with: "max_duration: 2h, requirements: {networks: [127.0.0.0/8]}}")
        let broker = try await broker(policies, AddressLimits(requestsPerSecond: 1))
        try await visit(broker) { (visitor: Visitor) async throws in
            var silent = visitor
            silent.address = nil
            let refused = try await silent.ask(.post, "/v1/credentials", body: #"{"policy":"reader"}"#)
            #expect(refused.status == 403 && refused.problemCode == "requirement_unmet")
            for _ in 0..<9 { _ = try await silent.ask(.get, "/v1/policies") }
            #expect(try await silent.ask(.get, "/v1/policies").status == 429, "they share the proxy's limits")
            #expect(try await visitor.ask(.get, "/v1/policies").status == 200)
        }
    }

    @Test func `an address that asks too often gets 429 and when to come back, and others don't`() async throws {
        let broker = try await broker(BrokerUnderTest.policies, AddressLimits(requestsPerSecond: 1))
        try await visit(broker) { (visitor: Visitor) async throws in
            for _ in 0..<10 { #expect(try await visitor.ask(.get, "/v1/policies", token: nil).status == 401) }
            let refused = try await visitor.ask(.get, "/v1/policies")
            #expect(refused.status == 429 && refused.problemCode == "too_many_requests")
            #expect(refused.headers[.retryAfter] == "1")
            var other = visitor
            other.address = "198.51.100.8"
            #expect(try await other.ask(.get, "/v1/policies").status == 200)
            broker.clock.advance(by: 1)
            #expect(try await visitor.ask(.get, "/v1/policies").status == 200)
        }
    }

    @Test func `who guesses tokens is locked out for a while, before more are verified`() async throws {
        let broker = try await broker(BrokerUnderTest.policies, AddressLimits(failuresPerMinute: 3))
        try await visit(broker) { (visitor: Visitor) async throws in
            for _ in 0..<3 { #expect(try await visitor.ask(.get, "/v1/policies", token: "x.y.z").status == 401) }
            #expect(try await visitor.ask(.get, "/v1/policies", token: "x.y.z").status == 429)
            #expect(try await visitor.ask(.get, "/v1/policies").status == 429)
            var neighbour = visitor
            neighbour.address = "198.51.100.8"
            #expect(try await neighbour.ask(.get, "/v1/policies").status == 200)
            broker.clock.advance(by: 20)
            #expect(try await visitor.ask(.get, "/v1/policies").status == 200)
        }
    }
}
