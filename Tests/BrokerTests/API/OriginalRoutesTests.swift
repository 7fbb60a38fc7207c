import AWSAPI
import AccessControl
import BrokerStore
import Foundation
import Hummingbird
import Testing

@Suite("Original paths")
struct OriginalRoutesTests {
    private let reader = #"{"policy":"reader","sessionDuration":3600,"notificationChannel":"email"}"#

    @Test("Defect A9: policies are an array with the old names, and no role, approver or webhook")
    func policies() async throws {
        let answer = try await BrokerUnderTest().send(.get, "/policies")
        #expect(answer.status == 200)
        let list = try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [[String: Any]])
        #expect(list.compactMap { $0["policy_id"] as? String } == ["admin", "reader", "root"])
        #expect(Set(list.flatMap(\.keys)) == ["policy_id", "account", "description", "risk"])
    }

    @Test("Request, then pick up: credentials are minted at the pick-up and end with the window")
    func requestAndPickUp() async throws {
        let broker = try await BrokerUnderTest()
        let request = try await broker.send(.post, "/credentials/request", body: reader)
        #expect(request.status == 200)
        #expect(request.body == "Permission request made by user developer")
        #expect(broker.sts.calls.isEmpty)
        broker.clock.advance(by: 600)
        let answer = try await broker.send(.get, "/credentials")
        #expect(answer.status == 200)
        #expect(answer.json["userid"] as? String == "developer")
        #expect(answer.json["signin_url"] as? String == FakeConsole.link)
        let credentials = try #require(answer.json["credentials"] as? [String: String])
        #expect(Set(credentials.keys) == ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"])
        #expect(credentials["SecretAccessKey"] == FakeSTS.secretKey)
        #expect(answer.json["expiration"] as? Int == 1_800_003_000)
        #expect(broker.sts.calls.first?.durationSeconds == 3000)
        #expect(try await broker.auditKinds() == [.request, .decision, .issuance])
    }

    @Test("A pick-up in the window's last minutes gets STS's shortest session, and after the window nothing")
    func windowEnds() async throws {
        let broker = try await BrokerUnderTest()
        _ = try await broker.send(.post, "/credentials/request", body: reader)
        broker.clock.advance(by: 3599)
        #expect(try await broker.send(.get, "/credentials").status == 200)
        #expect(broker.sts.calls.first?.durationSeconds == 900)
        broker.clock.advance(by: 1)
        let late = try await broker.send(.get, "/credentials")
        #expect(late.status == 200)
        #expect(late.body.isEmpty)
    }

    @Test("A grant is its principal's own, and credentials issued directly are nobody's to pick up")
    func ownGrantsOnly() async throws {
        let broker = try await BrokerUnderTest()
        _ = try await broker.ask("reader")
        #expect(try await broker.send(.get, "/credentials").body.isEmpty)
        _ = try await broker.send(.post, "/credentials/request", body: reader)
        #expect(try await broker.send(.get, "/credentials", token: FakeTokens.tagless).body.isEmpty)
    }

    @Test(
        "Defect A4: a grant is void once its policy changes, goes away, or leaves the user's teams",
        arguments: [
            ("risk: 10", "risk: 11"), ("risk: 10", "risk: 90"), ("[reader, admin, root]", "[admin]"),
            ("role/Reader", "role/Writer"), ("stage: dev", "stage: prod"),
        ])
    func voidGrants(part: String, replacement: String) async throws {
        let broker = try await BrokerUnderTest()
        _ = try await broker.send(.post, "/credentials/request", body: reader)
        try await broker.load(BrokerUnderTest.policies.replacing(part, with: replacement))
        let answer = try await broker.send(.get, "/credentials")
        #expect(answer.status == 403)
        #expect(answer.problemCode == "access_denied")
        #expect(broker.sts.calls.isEmpty)
    }

    @Test("A grant is void once the user's claims give other tags than it has")
    func otherTags() async throws {
        let broker = try await BrokerUnderTest()
        _ = try await broker.send(.post, "/credentials/request", body: reader)
        let answer = try await broker.send(.get, "/credentials", token: FakeTokens.moved)
        #expect(answer.status == 403)
        #expect(answer.problemCode == "access_denied")
        #expect(broker.sts.calls.isEmpty)
        #expect(try await broker.send(.get, "/credentials").body.contains("AccessKeyId"))
    }

    @Test("High risk is taken down and gives nothing to pick up")
    func highRisk() async throws {
        let broker = try await BrokerUnderTest()
        let body = #"{"policy":"admin","sessionDuration":"900"}"#
        #expect(try await broker.send(.post, "/credentials/request", body: body).status == 200)
        #expect(try await broker.send(.get, "/credentials").body.isEmpty)
        #expect(try await broker.auditKinds() == [.request, .decision])
    }

    @Test(
        "Bodies are checked as strictly as the new path's",
        arguments: [
            (#"{"policy":"reader"}"#, "sessionDuration"), (#"{"sessionDuration":900}"#, "policy"),
            (#"{"policy":"reader","sessionDuration":"soon"}"#, "sessionDuration"),
            (#"{"policy":"reader","sessionDuration":900,"notificationChannel":"pigeon"}"#, "notificationChannel"),
            (#"{"policy":"reader","sessionDuration":900,"inline_policy":"{}"}"#, "inline_policy"),
            (#"{"policy":"reader","sessionDuration":900,"inline_policy":{}}"#, "inline_policy"),
            (#"{"policy":"reader","sessionDuration":900,"userid":"root"}"#, "userid"),
        ])
    func malformed(body: String, mention: String) async throws {
        let answer = try await BrokerUnderTest().send(.post, "/credentials/request", body: body, contentType: nil)
        #expect(answer.status == 400)
        #expect(answer.detail.contains(mention), "\(answer.detail)")
    }

    @Test("A pick-up that cannot be recorded gives nothing")
    func unrecordedPickUp() async throws {
        let broker = try await BrokerUnderTest()
        _ = try await broker.send(.post, "/credentials/request", body: reader)
        broker.records.fail(.record)
        let answer = try await broker.send(.get, "/credentials")
        #expect(answer.status == 503)
        #expect(!answer.body.contains(FakeSTS.secretKey))
    }
}
