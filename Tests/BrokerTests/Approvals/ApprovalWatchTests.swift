import AccessControl
import BrokerStore
import Foundation
import HTTPTypes
import Testing

@testable import Broker

@Suite struct ApprovalWatchTests {
    private let broker: BrokerUnderTest
    private let requests: RequestsUnderTest

    init() async throws {
        let policies = BrokerUnderTest.policies.replacing(
            "expires_after: 2h", with: "expires_after: 2h, notify: [desk]")
        broker = try await BrokerUnderTest(policies: policies)
        requests = RequestsUnderTest(broker: broker)
    }

    private func look() async {
        await ApprovalWatch(records: broker.records, logger: broker.logger, now: { [broker] in broker.clock.now })
            .look()
    }

    /// Who was told that, by target.
    private func told(_ kind: Notice.Kind) async throws -> [String] {
        try await broker.outbox().filter { $0.notice.kind == kind }.map(\.address.target).sorted()
    }

    private func changes() async throws -> [AuditedStateChange] {
        try await broker.records.auditTrail(after: 0, limit: 1000).compactMap { record in
            if case .stateChange(let change) = record.event { change } else { nil }
        }
    }

    @Test func `approvers and whoever asked are told once that nobody has decided in time`() async throws {
        let request = try await requests.ask()
        broker.clock.advance(by: 7199)
        await look()
        #expect(try await told(.expired).isEmpty)
        broker.clock.advance(by: 1)
        #expect(try await requests.state(request) == "expired", "from the first moment on")
        for _ in 0..<2 { await look() }
        #expect(try await told(.expired) == ["desk", "people"])
        #expect(try await requests.state(request) == "expired")
        let change = try #require(try await changes().first)
        #expect(try await changes().count == 1)
        #expect((change.from, change.to, change.actor) == (.pending, .expired, nil))
        #expect(try await requests.decide(request).problemCode == "conflict")
        #expect(try await requests.post("cancel", request).problemCode == "conflict")
    }

    @Test func `a grant whose policy has changed has failed, and people are told`() async throws {
        let (active, later) = (try await requests.granted(), try await requests.granted(after: 600))
        await look()
        #expect(try await requests.state(active) == "active")
        try await broker.load(BrokerUnderTest.policies.replacing("role/Admin", with: "role/Root"))
        await look()
        for request in [active, later] {
            #expect(try await requests.state(request) == "failed")
            #expect(try await requests.post("revoke", request).problemCode == "conflict")
            let id = try #require(RequestID(try requests.id(request)))
            #expect(try await broker.records.grant(id)?.isRevoked == true)
        }
        #expect(try await told(.failed) == ["desk", "desk", "people", "people"])
        #expect(try await changes().suffix(2).map(\.to) == [.failed, .failed])
        #expect(try await broker.send(.get, "/credentials").body.isEmpty)
        await look()
        #expect(try await told(.failed).count == 4)
        #expect(try await requests.state(requests.ask()) == "pending", "somebody may ask under the new policy")
    }

    @Test func `what has ended, was revoked or can't be read is left alone`() async throws {
        let ended = try await requests.granted()
        broker.clock.advance(by: 1801)
        let revoked = try await requests.granted()
        _ = try await requests.post("revoke", revoked)
        let broken = try await requests.granted()
        try broker.tamper("UPDATE policies SET document = '{}' WHERE id = 'admin'")
        await look()
        for (request, state) in [(ended, "ended"), (revoked, "revoked"), (broken, "active")] {
            #expect(try await requests.state(request) == state)
        }
        #expect(try await told(.failed).isEmpty)
    }

    @Test func `one request that can't be read keeps back no other, in the watch and in lists`() async throws {
        let broken = try await requests.ask()
        let other = try await requests.ask("root")
        let id = try requests.id(broken)
        try broker.tamper("UPDATE approvals SET document = '{}' WHERE request_id = '\(id)'")
        for (scope, token) in [("mine", FakeTokens.developer), ("to_decide", FakeTokens.guardian)] {
            let answer = try await broker.send(.get, "/v1/requests?scope=\(scope)", token: token)
            let listed = answer.json["requests"] as? [[String: Any]]
            #expect(listed?.map { $0["request_id"] as? String } == [try requests.id(other)], "\(scope)")
        }
        let refused = try await broker.ask("admin")
        #expect(refused.status == 500 && refused.problemCode == "internal_error", "it may have been denied")
        #expect(try await broker.send(.get, "/v1/requests/\(id)").status == 500)
        broker.clock.advance(by: 25 * 3600)
        let watch = ApprovalWatch(records: broker.records, logger: broker.logger, now: { [broker] in broker.clock.now })
        let before = broker.log.text.components(separatedBy: "request unreadable").count
        for _ in 0..<3 { await watch.look() }
        #expect(try await requests.state(other) == "expired")
        #expect(try await changes().map(\.to) == [.expired])
        #expect(broker.log.text.components(separatedBy: "request unreadable").count == before + 1)
        #expect(broker.log.text.contains(id))
    }

    @Test func `an approver who decides at that very moment is either first or told`() async throws {
        for _ in 0..<5 {
            let request = try await requests.ask()
            broker.clock.advance(by: 7200)
            async let decided = requests.decide(request)
            async let looked: Void = look()
            #expect(try await decided.status == 409)
            await looked
            #expect(try await requests.state(request) == "expired")
        }
    }

    @Test func `records that fail are looked at again later`() async throws {
        let request = try await requests.ask()
        broker.clock.advance(by: 7200)
        broker.records.fail(.read)
        await look()
        broker.records.fail(.record)
        await look()
        #expect(try await told(.expired).isEmpty)
        broker.records.fail()
        await look()
        #expect(try await told(.expired).count == 2)
        #expect(try await requests.state(request) == "expired")
    }
}
