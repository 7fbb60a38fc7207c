import AccessControl
import BrokerStore
import Credentials
import Foundation
import HTTPExchange
import HTTPTypes
import Logging
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import Broker

/// The company's own program, behind a real server.
@Suite struct ExternalEvaluatorTests {
    /// - Parameter seconds: after which it counts as silent.
    private static func broker(
        asking url: String, seconds: Int64 = 60, approval: String = "approval: {teams: [security]},"
    ) async throws -> BrokerUnderTest {
        let exchange = HTTPExchange(http: .shared, timeout: .seconds(seconds), maximumAnswerBytes: 1000)
        let post = SignedPost(url: url + "/evaluate", key: Secret("key"), exchange: exchange)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let evaluator = ExternalEvaluator(post: post, logger: logger) { Date(timeIntervalSince1970: 1_800_000_000) }
        return try await BrokerUnderTest(
            policies: BrokerUnderTest.policies.replacing("risk: 10,", with: "risk: 10, \(approval)"),
            evaluator: evaluator)
    }

    @Test(
        "Its word stands in the place of the risk, and what isn't a word means a person",
        arguments: [
            ("admin", ScriptedServer.Reply.text(#"{"automated_approval": true}"#), 200),
            ("reader", .text(#"{"automated_approval": true}"#), 200),
            ("admin", .text(#"{"automated_approval": false}"#), 202),
            ("reader", .text(#"{"automated_approval": false}"#), 202),
            ("reader", .text(#"{"automated_approval": "true"}"#), 202), ("reader", .text("{}"), 202),
            ("reader", .text(#"{"automated_approval": true}"#, status: 500), 202),
            ("reader", .text(#"{"automated_approval": true}"#, status: 302), 202),
            (
                "reader", .text(#"{"automated_approval": true, "x": ""# + String(repeating: "x", count: 2000) + #""}"#),
                202
            ),
            ("reader", .cut(body: Array(#"{"automated_approval": true}"#.utf8)), 202), ("reader", .reset, 202),
            ("reader", .hang, 202),
        ])
    func word(policy: String, reply: ScriptedServer.Reply, status: Int) async throws {
        try await ScriptedServer.running { _ in
            reply
        } _: { server in
            let isSilent = if case .hang = reply { true } else { false }
            let broker = try await Self.broker(asking: server.url, seconds: isSilent ? 1 : 60)
            #expect(try await broker.ask(policy).status == status)
            #expect(broker.sts.calls.isEmpty == (status == 202))
        }
    }

    @Test func `nobody there means a person`() async throws {
        let broker = try await Self.broker(asking: "http://127.0.0.1:1")
        #expect(try await broker.ask("reader").status == 202)
    }

    @Test func `where nobody may approve, nobody there is a matter of time, and its no is for good`() async throws {
        let alone = try await Self.broker(asking: "http://127.0.0.1:1", approval: "")
        let answer = try await alone.ask("reader")
        #expect(answer.status == 503 && answer.problemCode == "temporarily_unavailable")
        #expect(alone.sts.calls.isEmpty)
        #expect(try await alone.ask("reader", seconds: 100_000).status == 422, "time wouldn't mend that")
        try await ScriptedServer.running { _ in
            .text(#"{"automated_approval": false}"#)
        } _: { server in
            let refused = try await Self.broker(asking: server.url, approval: "")
            #expect(try await refused.ask("reader").problemCode == "access_denied")
        }
    }

    @Test func `it is sent what the original sent, signed, and only what it could allow`() async throws {
        let requests = Mutex<[ScriptedServer.Request]>([])
        try await ScriptedServer.running { request in
            requests.withLock { $0.append(request) }
            return .text(#"{"automated_approval": true}"#)
        } _: { server in
            let broker = try await Self.broker(asking: server.url)
            #expect(try await broker.ask("foreign").status == 404)
            #expect(try await broker.ask("reader", seconds: 100_000).status == 422)
            #expect(try await broker.ask("reader", seconds: 1800).status == 200)
            let detail = try await broker.records.auditTrail(after: 0, limit: 100).compactMap { record in
                if case .decision(let decision) = record.event { decision.trace.joined() } else { nil }
            }
            #expect(detail.last?.contains("the company's evaluator allows it") == true)
        }
        let request = try #require(requests.withLock { $0.count == 1 ? $0.first : nil })
        let id = try #require(request.headers.first(name: "webhook-id"))
        let signature = SignedPost.signature(
            of: Array(request.body.utf8), id: id, timestamp: "1800000000", key: Secret("key"))
        #expect(request.headers.first(name: "webhook-signature") == signature)
        let body = try #require(try JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any])
        let asked = try #require(body["permission_request"] as? [String: Any])
        #expect(asked["requestid"] as? String == id)
        #expect(asked["userid"] as? String == "developer")
        #expect(asked["email"] as? String == "developer@example.com")
        #expect(asked["policy"] as? String == "reader")
        #expect(asked["sessionDuration"] as? Int == 1800)
        #expect(asked["tags"] as? [[String: String]] == [["department": "research"], ["stage": "dev"]])
        #expect(asked["timestamp"] as? Int == 1_800_000_000_000 && asked["updatedAt"] as? Int == 1_800_000_000_000)
        #expect(asked["approved"] as? Bool == false)
        #expect(asked["notificationChannel"] == nil && asked["starts_at"] == nil)
        let team = try #require(body["team"] as? [String: Any])
        #expect(team["team_id"] as? String == "developers")
        #expect(
            team["policies"] as? [[String: String]] == [
                ["id": "reader", "description": "reads"], ["id": "admin"], ["id": "root"],
            ])
    }

    @Test func `it is sent when the access is to begin, and how whoever asks wants to be told`() async throws {
        let bodies = Mutex<[String]>([])
        try await ScriptedServer.running { request in
            bodies.withLock { $0.append(request.body) }
            return .text(#"{"automated_approval": false}"#)
        } _: { server in
            let broker = try await Self.broker(asking: server.url)
            let wishes = [
                #""starts_at":"2027-01-17T03:00:00Z","channel":"email""#, #""starts_at":"2027-01-14T03:00:00Z""#,
            ]
            for wish in wishes {
                let answer = try await broker.send(.post, "/v1/requests", body: #"{"policy":"reader",\#(wish)}"#)
                #expect(answer.json["state"] as? String == "pending", "\(answer.body)")
            }
        }
        let asked = try bodies.withLock { $0 }.map { body in
            let question = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: [String: Any]]
            return question?["permission_request"] ?? [:]
        }
        #expect(asked.map { $0["starts_at"] as? String } == ["2027-01-17T03:00:00Z", nil])
        #expect(asked.map { $0["notificationChannel"] as? String } == ["email", nil])
    }

    @Test func `where another rule forbids it, it isn't asked, and whoever asks is told what they lack`() async throws {
        let count = Mutex(0)
        try await ScriptedServer.running { _ in
            count.withLock { $0 += 1 }
            return .text(#"{"automated_approval": true}"#)
        } _: { server in
            let broker = try await Self.broker(asking: server.url, approval: "requirements: {ticket: 'OPS-?*'},")
            let refused = try await broker.ask("reader")
            #expect(refused.problemCode == "requirement_unmet")
            #expect(refused.detail.contains("OPS-?*") && !refused.detail.contains("approv"), "\(refused.detail)")
            let trace = try await broker.records.auditTrail(after: 0, limit: 100).compactMap { record in
                if case .decision(let decision) = record.event { decision.trace.joined(separator: "\n") } else { nil }
            }
            #expect(trace.last?.contains("the company's evaluator wasn't asked") == true, "\(trace)")
            #expect(trace.last?.contains("gave no answer") == false)
        }
        #expect(count.withLock { $0 } == 0)
    }

    @Test func `where the policy itself says what is automatic, the evaluator's silence is no matter`() async throws {
        let automatic = #"automatic: {NumericLessThan: {"broker:DurationSeconds": "900"}},"#
        let broker = try await Self.broker(asking: "http://127.0.0.1:1", approval: automatic)
        let refused = try await broker.ask("reader")
        #expect(refused.status == 403 && refused.problemCode == "access_denied", "\(refused.body)")
    }

    @Test func `it is sent the request's own inline policy, as the original sent it`() async throws {
        let bodies = Mutex<[String]>([])
        try await ScriptedServer.running { request in
            bodies.withLock { $0.append(request.body) }
            return .text(#"{"automated_approval": true}"#)
        } _: { server in
            let inline = #"{"Statement":{"Action":"s3:*","Effect":"Allow","Resource":"*"},"Version":"2012-10-17"}"#
            let body = try JSONSerialization.data(
                withJSONObject: ["policy": "reader", "sessionDuration": 900, "inline_policy": inline])
            let answer = try await Self.broker(asking: server.url).send(
                .post, "/credentials/request", body: String(decoding: body, as: UTF8.self))
            #expect(answer.status == 200)
            let sent = try #require(bodies.withLock { $0.first })
            let question = try JSONSerialization.jsonObject(with: Data(sent.utf8)) as? [String: [String: Any]]
            #expect(question?["permission_request"]?["inline_policy"] as? String == inline)
        }
    }
}
