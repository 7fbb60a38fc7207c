import AccessControl
import BrokerStore
import Foundation
import HTTPTypes
import Testing

@testable import Broker

/// The trail says for when access was asked, and for when it was granted. The tests begin at 2027-01-15T08:00:00Z.
@Suite struct RecordedWindowTests {
    private let broker: BrokerUnderTest
    private let requests: RequestsUnderTest

    init() async throws {
        broker = try await BrokerUnderTest()
        requests = RequestsUnderTest(broker: broker)
    }

    private func events() async throws -> [AuditEvent] {
        try await broker.records.auditTrail(after: 0, limit: 1000).map(\.event)
    }

    private func asked() async throws -> [String?] {
        try await events().compactMap { if case .request(let event) = $0 { .some(event.startsAt) } else { nil } }
    }

    private func decided() async throws -> [[String?]] {
        try await events().compactMap { event in
            if case .decision(let decision) = event { [decision.notBefore, decision.notAfter] } else { nil }
        }
    }

    private func changed() async throws -> [[String?]] {
        try await events().compactMap { event in
            if case .stateChange(let change) = event { [change.notBefore, change.notAfter] } else { nil }
        }
    }

    @Test func `what the rules allow at once has its window in the decision`() async throws {
        #expect(try await broker.ask("reader").status == 200)
        _ = try await requests.ask("reader", after: 600)
        #expect(try await broker.ask("reader", seconds: 100_000).status == 422)
        #expect(try await asked() == [nil, "2027-01-15T08:10:00Z", nil])
        #expect(
            try await decided() == [
                ["2027-01-15T08:00:00Z", "2027-01-15T08:15:00Z"], ["2027-01-15T08:10:00Z", "2027-01-15T08:40:00Z"],
                [nil, nil],
            ])
    }

    @Test func `what people approve has its window in the change that the last approval makes, and in no other`()
        async throws
    {
        let request = try await requests.ask("root", after: 60)
        #expect(try await requests.decide(request).status == 200)
        broker.clock.advance(by: 120)
        #expect(try await requests.decide(request, as: FakeTokens.warden).status == 200)
        #expect(try await requests.post("revoke", request).status == 200)
        #expect(try await requests.decide(requests.ask(), "deny").status == 200)
        #expect(try await asked() == ["2027-01-15T08:01:00Z", nil])
        #expect(try await decided() == [[nil, nil], [nil, nil]])
        #expect(
            try await changed() == [["2027-01-15T08:02:00Z", "2027-01-15T08:32:00Z"], [nil, nil], [nil, nil]])
    }
}
