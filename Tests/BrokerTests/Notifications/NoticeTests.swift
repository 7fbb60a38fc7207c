import AccessControl
import BrokerStore
import Foundation
import HTTPTypes
import Testing

@testable import Broker

/// What is told to whom, from the requests' side.
@Suite struct NoticeTests {
    private static let policies = BrokerUnderTest.policies.replacing(
        "{teams: [security], expires_after", with: "{teams: [security], notify: [desk], expires_after")
    private let admin = #"{"policy":"admin","reason":"to mend it"}"#

    @Test func `approvers are told what waits, and requester and approvers what became of it`() async throws {
        let broker = try await BrokerUnderTest(policies: Self.policies)
        let created = try await broker.send(.post, "/v1/requests", body: admin)
        let id = try #require(created.json["request_id"] as? String)
        let waiting = try await broker.outbox()
        #expect(waiting.map(\.address) == [NoticeAddress(target: "desk")])
        #expect(waiting.map(\.notice.kind) == [.approvalNeeded])
        #expect(waiting.first?.notice.reason == "to mend it")

        let hash = try #require(created.json["content_hash"] as? String)
        let body = #"{"decision":"approve","content_hash":"\#(hash)","comment":"go on"}"#
        let decided = try await broker.send(
            .post, "/v1/requests/\(id)/decision", token: FakeTokens.guardian, body: body)
        #expect(decided.status == 200)
        let told = try await broker.outbox().filter { $0.notice.kind == .granted }
        #expect(
            Set(told.map(\.address)) == [
                NoticeAddress(target: "desk"), NoticeAddress(target: "people", recipient: "developer@example.com"),
            ])
        #expect(told.allSatisfy { $0.notice.actor == "guardian" && $0.notice.comment == "go on" })
        #expect(Set(try await broker.outbox().map(\.id)).count == 3)
    }

    @Test func `who cancels what they asked for isn't told of it, approvers are`() async throws {
        let broker = try await BrokerUnderTest(policies: Self.policies)
        let created = try await broker.send(.post, "/v1/requests", body: admin)
        let id = try #require(created.json["request_id"] as? String)
        _ = try await broker.send(.post, "/v1/requests/\(id)/cancel", body: "{}")
        let told = try await broker.outbox().filter { $0.notice.kind == .cancelled }
        #expect(told.map(\.address) == [NoticeAddress(target: "desk")])
    }

    @Test func `defect B7: a policy whose approvers can't be told is refused, not left waiting`() async throws {
        let broker = try await BrokerUnderTest(
            policies: Self.policies, routing: NoticeRouting(approverTargets: [], requesters: [:]))
        let answer = try await broker.send(.post, "/v1/requests", body: admin)
        #expect(answer.status == 422)
        #expect(answer.problemCode == "notification_target_missing")
        #expect(answer.detail.contains("\"desk\""))
        #expect(try await broker.auditKinds().isEmpty)
    }

    @Test func `where two must agree, approvers learn of the first, and whoever asked of the last`() async throws {
        let policies = BrokerUnderTest.policies.replacing("count: 2,", with: "count: 2, notify: [desk],")
        let broker = try await BrokerUnderTest(policies: policies)
        let requests = RequestsUnderTest(broker: broker)
        let request = try await requests.ask("root")
        #expect(try await requests.decide(request).status == 200)
        let first = try await broker.outbox()
        #expect(first.map(\.notice.kind).sorted { $0.rawValue < $1.rawValue } == [.approvalGiven, .approvalNeeded])
        #expect(first.allSatisfy { $0.address == NoticeAddress(target: "desk") })
        let notice = try #require(first.first { $0.notice.kind == .approvalGiven }).notice
        let text = NoticeText(notice)
        #expect(text.subject == "root for developer is approved by guardian and waits for others")
        #expect(text.lines.contains("or: stsbroker deny \(notice.requestID)"))
        #expect(try await requests.decide(request, as: FakeTokens.warden).status == 200)
        let told = try await broker.outbox().filter { $0.notice.kind == .granted }
        #expect(Set(told.map(\.address.target)) == ["desk", "people"])
        #expect(try await broker.outbox().count == 4)
    }

    @Test(
        "Defect B11: a channel that doesn't exist is refused before anything is granted or minted",
        arguments: ["/v1/requests", "/credentials/request"])
    func missingChannel(path: String) async throws {
        let broker = try await BrokerUnderTest()
        let body =
            path == "/v1/requests"
            ? #"{"policy":"reader","channel":"slack"}"#
            : #"{"policy":"reader","sessionDuration":3600,"notificationChannel":"sms"}"#
        let answer = try await broker.send(.post, path, body: body)
        #expect(answer.problemCode == "notification_target_missing")
        #expect(try await broker.auditKinds().isEmpty)
        #expect(try await broker.send(.get, "/credentials").body.isEmpty)
    }

    private static let texting = NoticeRouting(
        approverTargets: ["desk"], requesters: [.email: "people", .sms: "texts"])
    private let texted = #"{"policy":"admin","sessionDuration":1800,"notificationChannel":"sms"}"#

    @Test func `whoever asks by the original's call for a text message is told at their number`() async throws {
        let broker = try await BrokerUnderTest(routing: Self.texting)
        let asked = try await broker.send(
            .post, "/credentials/request", token: FakeTokens.caller, body: texted)
        #expect(asked.status == 200)
        let list = try await broker.send(.get, "/v1/requests?scope=to_decide", token: FakeTokens.guardian)
        let request = try #require((list.json["requests"] as? [[String: Any]])?.first)
        let id = try #require(request["request_id"] as? String)
        let shown = try await broker.send(.get, "/v1/requests/\(id)", token: FakeTokens.guardian)
        #expect(!shown.body.contains("4155550100"))
        #expect(try await RequestsUnderTest(broker: broker).decide(shown).status == 200)
        let told = try await broker.outbox().filter { $0.notice.kind == .granted }
        #expect(told.map(\.address) == [NoticeAddress(target: "texts", recipient: "+14155550100")])
        #expect(!broker.log.text.contains("4155550100"))
    }

    @Test(
        "Who has no verified telephone number is refused at once",
        arguments: [FakeTokens.developer, FakeTokens.unverifiedCaller, FakeTokens.oddCaller])
    func missingNumber(token: String) async throws {
        let broker = try await BrokerUnderTest(routing: Self.texting)
        let asked = #"{"policy":"admin","channel":"sms"}"#
        for (path, body) in [("/credentials/request", texted), ("/v1/requests", asked)] {
            let answer = try await broker.send(.post, path, token: token, body: body)
            #expect(answer.status == 422)
            #expect(answer.problemCode == "notification_target_missing")
            #expect(answer.detail.contains("no verified telephone number"))
        }
        #expect(try await broker.auditKinds().isEmpty)
    }

    @Test func `e-mail takes a verified address, and "none" takes nothing`() async throws {
        let broker = try await BrokerUnderTest()
        let mail = try await broker.send(
            .post, "/v1/requests", token: FakeTokens.stranger, body: #"{"policy":"reader","channel":"email"}"#)
        #expect(mail.detail.contains("no verified e-mail address"))
        let unusable = try await broker.send(
            .post, "/v1/requests", token: FakeTokens.oddName, body: #"{"policy":"reader","channel":"email"}"#)
        #expect(unusable.problemCode == "notification_target_missing")
        #expect(unusable.detail.contains("can't send mail to your token's e-mail address"), "\(unusable.body)")
        let silent = try await broker.send(.post, "/v1/requests", body: #"{"policy":"reader","channel":"none"}"#)
        #expect(silent.status == 201)
        #expect(try await broker.outbox().isEmpty)
        let odd = try await broker.send(.post, "/v1/requests", body: #"{"policy":"reader","channel":"pigeon"}"#)
        #expect(odd.problemCode == "invalid_request")
    }

    @Test func `nobody floods approvers: a 26th request that waits is refused, until one is decided`() async throws {
        let broker = try await BrokerUnderTest(policies: Self.policies)
        var ids: [String] = []
        for _ in 0..<25 {
            ids.append(
                try #require(try await broker.send(.post, "/v1/requests", body: admin).json["request_id"] as? String))
        }
        let refused = try await broker.send(.post, "/v1/requests", body: admin)
        #expect(refused.problemCode == "too_many_requests")
        #expect(try await broker.outbox().count == 25)
        #expect(try await broker.send(.post, "/v1/requests", token: FakeTokens.tagless, body: admin).status == 201)
        _ = try await broker.send(.post, "/v1/requests/\(ids[3])/cancel", body: "{}")
        #expect(try await broker.send(.post, "/v1/requests", body: admin).status == 201)
    }

    @Test func `where there are pages a notice links to its request's, and where not it names the command`()
        async throws
    {
        let broker = try await BrokerUnderTest(policies: Self.policies)
        #expect(try await broker.send(.post, "/v1/requests", body: admin).status == 201)
        let notice = try #require(try await broker.outbox().first).notice
        let link = "https://broker.example/requests/\(notice.requestID)"
        #expect(NoticeText(notice, link: link).lines.contains("To look at it and decide: \(link)"))
        #expect(!NoticeText(notice).lines.contains { $0.contains("http") })
        #expect(
            NoticeText(notice).lines.contains("To look at it and decide, run: stsbroker approve \(notice.requestID)"))
    }

    @Test func `a request that isn't recorded tells nobody`() async throws {
        let broker = try await BrokerUnderTest(policies: Self.policies)
        broker.records.fail(.add)
        #expect(try await broker.send(.post, "/v1/requests", body: admin).status == 503)
        #expect(try await broker.outbox().isEmpty)
    }
}
