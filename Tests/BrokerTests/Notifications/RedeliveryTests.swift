import AccessControl
import Broker
import BrokerStore
import Credentials
import Foundation
import HTTPExchange
import HTTPTypes
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

/// A notice is delivered at least once: it stays in the outbox until the other side has it. Twice, it has one id.
@Suite struct RedeliveryTests {
    /// The outbox, from which nothing can be removed until it is mended; as if the broker had been killed before.
    private final class JammedOutbox: NoticeOutbox {
        private let base: SQLiteRecords
        private let state = Mutex((isJammed: true, postponed: 0))

        init(_ base: SQLiteRecords) { self.base = base }

        var postponed: Int { state.withLock { $0.postponed } }

        func mend() { state.withLock { $0.isJammed = false } }

        func dueNotices(
            at instant: Date, limit: Int, without busy: Set<String>
        ) async throws(StoreError) -> DueNotices {
            try await base.dueNotices(at: instant, limit: limit, without: busy)
        }

        func removeNotice(_ id: String) async throws(StoreError) {
            if state.withLock({ $0.isJammed }) { throw .unavailable("the disk is full") }
            try await base.removeNotice(id)
        }

        func postponeNotice(_ id: String, until instant: Date) async throws(StoreError) {
            state.withLock { $0.postponed += 1 }
            try await base.postponeNotice(id, until: instant)
        }
    }

    /// Takes everything over at once.
    private final class KeepingMessenger: Messenger {
        private let messages = Mutex<[OutgoingNotice]>([])

        var sent: [AddressedNotice] { messages.withLock { $0.map(\.addressed) } }

        func send(_ message: OutgoingNotice) async throws(DeliveryFailure) {
            messages.withLock { $0.append(message) }
        }
    }

    /// One notice for "people" is in the outbox.
    private func brokerWithNotice() async throws -> (BrokerUnderTest, AddressedNotice) {
        let broker = try await BrokerUnderTest()
        let answer = try await broker.send(.post, "/v1/requests", body: #"{"policy":"reader"}"#)
        #expect(answer.status == 201)
        let notices = try await broker.outbox()
        #expect(notices.count == 1)
        return (broker, try #require(notices.first))
    }

    private func delivery(
        _ broker: BrokerUnderTest, from outbox: any NoticeOutbox, by messenger: any Messenger
    ) -> NoticeDelivery {
        NoticeDelivery(
            outbox: outbox, messengers: ["people": messenger], logger: broker.logger,
            now: { [clock = broker.clock] in clock.now }, jitter: { 0.5 })
    }

    @Test func `what is delivered and can't be removed is sent again, as it was, until it is removed`() async throws {
        let (broker, notice) = try await brokerWithNotice()
        let (outbox, messenger) = (JammedOutbox(broker.records.base), KeepingMessenger())
        let delivery = delivery(broker, from: outbox, by: messenger)
        await delivery.deliverDue()
        #expect(messenger.sent == [notice])
        #expect(try await broker.outbox() == [notice], "it is delivered, and still there")
        #expect(broker.log.text.contains("outbox unusable") && broker.log.text.contains("the disk is full"))
        outbox.mend()
        await delivery.deliverDue()
        #expect(messenger.sent == [notice, notice])
        #expect(try await broker.outbox().isEmpty)
        await delivery.deliverDue()
        #expect(messenger.sent.count == 2 && outbox.postponed == 0, "it has never failed")
    }

    @Test func `a webhook knows by the id what comes once more after the broker was killed`() async throws {
        let (broker, notice) = try await brokerWithNotice()
        let requests = Mutex<[ScriptedServer.Request]>([])
        try await ScriptedServer.running({ request in
            requests.withLock { $0.append(request) }
            return .text("")
        }) { server in
            let messenger = WebhookMessenger(url: "\(server.url)/hook", key: Secret("key"), http: .shared)
            await delivery(broker, from: JammedOutbox(broker.records.base), by: messenger).deliverDue()
            broker.clock.advance(by: 60)
            // The next process, on the same database.
            await delivery(broker, from: broker.records.base, by: messenger).deliverDue()
        }
        let received = requests.withLock { $0 }
        #expect(received.count == 2)
        for header in ["webhook-id", "Idempotency-Key"] {
            #expect(received.map { $0.headers[header] } == [[notice.id], [notice.id]], "\(header)")
        }
        #expect(Set(received.map(\.body)).count == 1)
        #expect(Set(received.map { $0.headers["webhook-timestamp"] }).count == 2, "signed anew, when it is sent")
        #expect(try await broker.outbox().isEmpty)
    }
}
