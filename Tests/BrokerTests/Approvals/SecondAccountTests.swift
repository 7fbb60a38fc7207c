import AccessControl
import BrokerStore
import Foundation
import HTTPTypes
import Testing

@testable import Broker

/// Nobody approves what they asked for, nor counts twice, by having two accounts; and who has approved may think better
/// of it.
@Suite struct SecondAccountTests {
    private let broker: BrokerUnderTest
    private let requests: RequestsUnderTest

    init() async throws {
        broker = try await BrokerUnderTest(hasPages: true)
        requests = RequestsUnderTest(broker: broker)
    }

    private func votes() async throws -> [AuditedVote] {
        try await broker.records.auditTrail(after: 0, limit: 1000).compactMap { record in
            if case .vote(let vote) = record.event { vote } else { nil }
        }
    }

    private func press(_ choice: String, _ id: String, in browser: TestBrowser) async throws -> Answer {
        let fields = try await browser.send(.get, "/requests/\(id)").hiddenFields(of: "/requests/\(id)/decision")
        return try await browser.send(.post, "/requests/\(id)/decision", form: fields + [("decision", choice)])
    }

    @Test func `the requester's other account decides nothing, and may end what others have approved`() async throws {
        let request = try await requests.ask()
        let id = try requests.id(request)
        for choice in ["approve", "deny"] {
            #expect(try await requests.decide(request, choice, as: FakeTokens.alias).problemCode == "access_denied")
        }
        let shown = try await broker.send(.get, "/v1/requests/\(id)", token: FakeTokens.alias)
        #expect(shown.json["may_decide"] as? Bool == false)
        let list = try await broker.send(.get, "/v1/requests?scope=to_decide", token: FakeTokens.alias)
        #expect((list.json["requests"] as? [Any])?.isEmpty == true)
        let page = try await TestBrowser.signedIn(broker, as: FakeTokens.alias).send(.get, "/requests/\(id)")
        #expect(page.status == 200 && !page.body.contains("name=\"decision\""))
        #expect(try await requests.state(request) == "pending")
        #expect(try await votes().isEmpty)
        #expect(try await requests.decide(request).status == 200)
        #expect(try await requests.post("revoke", request, as: FakeTokens.alias).json["state"] as? String == "revoked")
    }

    @Test func `where people may approve their own requests, they may by any of their accounts`() async throws {
        try await broker.load(
            BrokerUnderTest.policies.replacing("expires_after: 2h", with: "expires_after: 2h, own_requests: true"))
        let request = try await requests.ask()
        #expect(try await requests.decide(request, as: FakeTokens.alias).json["state"] as? String == "active")
    }

    @Test func `two accounts with one address are one of those who must agree`() async throws {
        let request = try await broker.send(
            .post, "/v1/requests", token: FakeTokens.oddName, body: #"{"policy":"root","duration_seconds":1800}"#)
        #expect(try await requests.decide(request, as: FakeTokens.developer).json["state"] as? String == "pending")
        let again = try await requests.decide(request, as: FakeTokens.alias)
        #expect(again.problemCode == "conflict")
        #expect(again.detail.contains("e-mail address"), "\(again.detail)")
        #expect(try await requests.decide(request, as: FakeTokens.guardian).json["state"] as? String == "active")
        #expect(try await votes().map(\.userName) == ["developer", "guardian"])
    }

    @Test func `who has approved may still deny, which is recorded besides and ends it`() async throws {
        let request = try await requests.ask("root")
        let id = try requests.id(request)
        #expect(try await requests.decide(request).json["state"] as? String == "pending")
        let shown = try await broker.send(.get, "/v1/requests/\(id)", token: FakeTokens.guardian)
        #expect(shown.json["may_decide"] as? Bool == false, "it waits for others")
        #expect(try await requests.decide(request).problemCode == "conflict")
        #expect(try await requests.decide(request, "deny").json["state"] as? String == "denied")
        #expect(try await votes().map(\.choice) == [.approve, .deny])
        #expect(try await requests.decide(request, as: FakeTokens.warden).problemCode == "conflict")
        let requestID = try #require(RequestID(id))
        #expect(try await broker.records.grant(requestID) == nil)
    }

    @Test func `the page offers whoever has approved to deny, and nothing else`() async throws {
        let request = try await requests.ask("root")
        let id = try requests.id(request)
        let browser = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        #expect(try await press("approve", id, in: browser).status == 303)
        let page = try await browser.send(.get, "/requests/\(id)")
        #expect(page.body.contains("you may still deny it") && page.body.contains("value=\"deny\""))
        #expect(!page.body.contains("value=\"approve\""))
        #expect(try await press("approve", id, in: browser).status == 409)
        #expect(try await press("deny", id, in: browser).status == 303)
        #expect(try await requests.state(request) == "denied")
        #expect(try await browser.send(.get, "/requests/\(id)").body.contains("You denied it."))
    }
}
