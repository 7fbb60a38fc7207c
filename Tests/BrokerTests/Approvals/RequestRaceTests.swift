import AccessControl
import BrokerStore
import Foundation
import HTTPTypes
import Testing

@testable import Broker

/// What happens to one request when several things happen at once, or half of one.
@Suite struct RequestRaceTests {
    private let broker: BrokerUnderTest
    private let requests: RequestsUnderTest

    init() async throws {
        broker = try await BrokerUnderTest()
        requests = RequestsUnderTest(broker: broker)
    }

    /// All of them at once; the statuses of their answers, in order.
    private func atOnce(_ acts: [@Sendable () async throws -> Answer]) async throws -> [Int] {
        try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for (index, act) in acts.enumerated() { group.addTask { (index, try await act().status) } }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    @Test func `of one who approves, one who denies and one who cancels, the first one counts`() async throws {
        for _ in 0..<10 {
            let request = try await requests.ask()
            let statuses = try await atOnce([
                { try await requests.decide(request, "approve", as: FakeTokens.guardian) },
                { try await requests.decide(request, "deny", as: FakeTokens.warden) },
                { try await requests.post("cancel", request) },
            ])
            #expect(statuses.count { $0 == 200 } == 1 && statuses.count { $0 == 409 } == 2, "\(statuses)")
            let state = try await requests.state(request)
            let expected = zip(["active", "denied", "cancelled"], statuses).first { $0.1 == 200 }?.0
            #expect(state == expected)
            let id = try #require(RequestID(try requests.id(request)))
            #expect((try await broker.records.grant(id) != nil) == (state == "active"))
            if state == "active" { _ = try await requests.post("revoke", request) }
        }
    }

    @Test func `of many requests at once, no more wait for approvers than one person may have`() async throws {
        let ask: @Sendable () async throws -> Answer = { try await requests.ask() }
        let statuses = try await atOnce([@Sendable () async throws -> Answer](repeating: ask, count: 40))
        #expect(statuses.count { $0 == 201 || $0 == 202 } == CredentialIssuance.mostPending)
        #expect(statuses.count { $0 == 429 } == 40 - CredentialIssuance.mostPending, "\(statuses)")
        #expect(try await broker.auditKinds().count { $0 == .request } == CredentialIssuance.mostPending)
    }

    @Test func `of one person's programs that ask at once, one asks the approvers, and all are told of its request`()
        async throws
    {
        let broker = try await BrokerUnderTest(
            policies: BrokerUnderTest.policies.replacing(
                "expires_after: 2h", with: "expires_after: 2h, notify: [desk]"))
        // None of them can know of another's request when it decides.
        broker.records.holdAdds(until: 20)
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<20 { group.addTask { try await broker.ask("admin") } }
            return try await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(answers.map(\.status) == [Int](repeating: 202, count: 20))
        #expect(answers.allSatisfy { $0.json["status"] as? String == "needs_approval" })
        let id = try RequestsUnderTest(broker: broker).id(answers[0])
        #expect(answers.allSatisfy { $0.json["request_id"] as? String == id })
        let listed = try await broker.send(.get, "/v1/requests")
        #expect((listed.json["requests"] as? [[String: Any]])?.map { $0["request_id"] as? String } == [id])
        #expect(try await broker.auditKinds() == [.request, .decision])
        #expect(try await broker.outbox().map(\.notice.requestID.description) == [id])
    }

    @Test func `who is somebody else, or has other tags by now, waits with a request of their own`() async throws {
        let policies = BrokerUnderTest.policies.replacing("risk: 80,", with: "risk: 80, user_tags: [department],")
        let broker = try await BrokerUnderTest(policies: policies)
        let tokens = [FakeTokens.developer, FakeTokens.moved, FakeTokens.oddName]
        broker.records.holdAdds(until: tokens.count)
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for token in tokens { group.addTask { try await broker.ask("admin", token: token) } }
            return try await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 202 })
        #expect(Set(answers.compactMap { $0.json["request_id"] as? String }).count == 3)
        #expect(try await broker.auditKinds().count { $0 == .request } == 3)
    }

    @Test func `two who must agree and do so at once give one grant`() async throws {
        let request = try await requests.ask("root")
        let statuses = try await atOnce([
            { try await requests.decide(request, as: FakeTokens.guardian) },
            { try await requests.decide(request, as: FakeTokens.warden) },
        ])
        #expect(statuses == [200, 200])
        #expect(try await requests.state(request) == "active")
        #expect(try await broker.auditKinds().count { $0 == .vote } == 2)
        #expect(try await broker.auditKinds().count { $0 == .stateChange } == 1)
    }

    @Test func `two who pick up at once have a session each, both recorded`() async throws {
        _ = try await requests.granted()
        let pickUp: @Sendable () async throws -> Answer = { try await broker.send(.get, "/credentials") }
        #expect(try await atOnce([pickUp, pickUp, { try await broker.ask("admin") }]) == [200, 200, 200])
        #expect(broker.sts.calls.count == 3)
        #expect(try await broker.auditKinds().count { $0 == .issuance } == 3)
    }

    @Test func `what is revoked while its role is assumed does not leave`() async throws {
        let request = try await requests.granted()
        broker.sts.onCall { [requests] in _ = try? await requests.post("revoke", request) }
        let issued = try await broker.ask("admin")
        #expect(issued.status == 403 && !issued.body.contains(FakeSTS.secretKey))
        #expect(try await broker.auditKinds().suffix(2) == [.stateChange, .refusal])
    }

    @Test func `revoking twice at once revokes once`() async throws {
        let request = try await requests.granted()
        let revoke: @Sendable () async throws -> Answer = {
            try await requests.post("revoke", request, as: FakeTokens.guardian)
        }
        #expect(try await atOnce([revoke, revoke, revoke]).sorted() == [200, 409, 409])
        #expect(try await broker.auditKinds().count { $0 == .stateChange } == 2)
    }

    @Test func `a change that can't be written has not happened, in no part of it`() async throws {
        let request = try await requests.ask()
        let before = try await broker.auditKinds()
        let told = try await broker.outbox()
        broker.records.fail(.record)
        #expect(try await requests.decide(request).status == 503)
        #expect(try await requests.post("cancel", request).status == 503)
        broker.records.fail()
        #expect(try await requests.state(request) == "pending")
        #expect(try await broker.auditKinds() == before)
        #expect(try await broker.outbox() == told)
        #expect(try await broker.ask("admin").status == 202)
        #expect(try await requests.decide(request).status == 200)
    }

    @Test func `a decision that a broken database stops in its middle leaves nothing`() async throws {
        let request = try await requests.ask()
        let before = try await broker.auditKinds()
        // The last of the writes of a decision fails, after vote, state and grant.
        try broker.tamper(
            "CREATE TRIGGER broken BEFORE INSERT ON grants BEGIN SELECT RAISE(ABORT, 'broken'); END")
        #expect(try await requests.decide(request).status == 503)
        try broker.tamper("DROP TRIGGER broken")
        #expect(try await requests.state(request) == "pending")
        #expect(try await broker.auditKinds() == before)
        #expect(try await requests.decide(request).status == 200)
    }

    @Test func `grants that overlap don't end each other`() async throws {
        let first = try await requests.granted(seconds: 3600)
        let second = try await requests.granted(seconds: 1800)
        #expect(try await requests.state(first) == "active")
        let ended = try await requests.post("revoke", second)
        #expect(ended.json["state"] as? String == "revoked")
        let issued = try await broker.ask("admin")
        #expect(issued.json["request_id"] as? String == (try requests.id(first)))
        broker.clock.advance(by: 1801)
        #expect(try await requests.state(first) == "active")
        #expect(try await broker.send(.get, "/credentials").body.contains("AccessKeyId"))
    }

    @Test func `more time is a request of its own that begins when the first one ends, and leaves it alone`()
        async throws
    {
        let first = try await requests.granted(seconds: 1800)
        broker.clock.advance(by: 900)
        let more = try await requests.granted(seconds: 1800, after: 900)
        #expect(try await requests.state(more) == "scheduled")
        #expect(try await broker.ask("admin").json["request_id"] as? String == (try requests.id(first)))
        broker.clock.advance(by: 900)
        #expect(try await requests.state(first) == "ended")
        #expect(try await requests.state(more) == "active")
        #expect(try await broker.ask("admin").json["request_id"] as? String == (try requests.id(more)))
        #expect(try await requests.post("revoke", more).status == 200)
        #expect(try await requests.state(first) == "ended")
    }

    @Test func `what begins later mints nothing before, and can be ended before`() async throws {
        let later = try await requests.granted(after: 600)
        #expect(try await requests.state(later) == "scheduled")
        #expect(try await broker.send(.get, "/credentials").body.isEmpty)
        #expect(broker.sts.calls.isEmpty)
        #expect(try await requests.post("revoke", later).json["state"] as? String == "revoked")
        broker.clock.advance(by: 601)
        #expect(try await broker.send(.get, "/credentials").body.isEmpty)
        #expect(try await requests.state(later) == "revoked")
    }
}
