import AccessControl
import Broker
import BrokerStore
import Foundation
import HTTPTypes
import Synchronization
import TestSupport
import Testing

@Suite struct NoticeDeliveryTests {
    /// Fails as often as it is told to.
    private final class FakeMessenger: Messenger {
        private let state = Mutex<(failures: [DeliveryFailure], sent: [String])>(([], []))

        init(failures: [DeliveryFailure] = []) { state.withLock { $0.failures = failures } }

        var sent: [String] { state.withLock(\.sent) }

        func send(_ message: OutgoingNotice) async throws(DeliveryFailure) {
            let failure = state.withLock { state in
                state.sent.append(message.addressed.id)
                return state.failures.isEmpty ? nil : state.failures.removeFirst()
            }
            if let failure { throw failure }
        }
    }

    /// Never answers, as a server behind a firewall.
    private final class StuckMessenger: Messenger {
        private let tries = Mutex(0)

        var count: Int { tries.withLock { $0 } }

        func send(_ message: OutgoingNotice) async throws(DeliveryFailure) {
            tries.withLock { $0 += 1 }
            while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
            throw DeliveryFailure("cancelled")
        }
    }

    /// One notice for "people" is in the outbox.
    private func brokerWithNotice() async throws -> BrokerUnderTest {
        let broker = try await BrokerUnderTest()
        let answer = try await broker.send(.post, "/v1/requests", body: #"{"policy":"reader"}"#)
        #expect(answer.status == 201)
        return broker
    }

    private func delivery(_ broker: BrokerUnderTest, _ messenger: FakeMessenger, name: String = "people")
        -> NoticeDelivery
    {
        let now: @Sendable () -> Date = { [clock = broker.clock] in clock.now }
        return NoticeDelivery(
            outbox: broker.records.base, messengers: [name: messenger], logger: broker.logger, now: now, jitter: { 0.5 }
        )
    }

    @Test func `what is delivered is not delivered again`() async throws {
        let (broker, messenger) = (try await brokerWithNotice(), FakeMessenger())
        let delivery = delivery(broker, messenger)
        await delivery.deliverDue()
        await delivery.deliverDue()
        #expect(messenger.sent.count == 1)
        #expect(try await broker.outbox().isEmpty)
    }

    @Test func `defects B8, B9: what fails is tried again with the same id, later each time`() async throws {
        let failure = DeliveryFailure("it is down")
        let (broker, messenger) = (try await brokerWithNotice(), FakeMessenger(failures: [failure, failure, failure]))
        let delivery = delivery(broker, messenger)
        for pause in [5.0, 10, 20] {
            await delivery.deliverDue()
            let before = messenger.sent.count
            broker.clock.advance(by: pause - 0.1)
            await delivery.deliverDue()
            #expect(messenger.sent.count == before)
            broker.clock.advance(by: 0.1)
        }
        await delivery.deliverDue()
        #expect(messenger.sent.count == 4)
        #expect(Set(messenger.sent).count == 1)
        #expect(try await broker.outbox().isEmpty)
    }

    @Test func `the other side may ask for a longer pause`() async throws {
        let failure = DeliveryFailure("too often", retryAfter: .seconds(600))
        let (broker, messenger) = (try await brokerWithNotice(), FakeMessenger(failures: [failure]))
        await delivery(broker, messenger).deliverDue()
        broker.clock.advance(by: 599)
        await delivery(broker, messenger).deliverDue()
        #expect(messenger.sent.count == 1)
        broker.clock.advance(by: 1)
        await delivery(broker, messenger).deliverDue()
        #expect(messenger.sent.count == 2)
    }

    @Test func `who asks for a day is asked again each hour, for a day`() async throws {
        let failure = DeliveryFailure("it is down", retryAfter: .seconds(86_400))
        let broker = try await brokerWithNotice()
        let messenger = FakeMessenger(failures: Array(repeating: failure, count: 100))
        await delivery(broker, messenger).deliverDue()
        broker.clock.advance(by: 3599)
        await delivery(broker, messenger).deliverDue()
        #expect(messenger.sent.count == 1)
        broker.clock.advance(by: 1)
        for _ in 0..<30 {
            await delivery(broker, messenger).deliverDue()
            broker.clock.advance(by: 3600)
        }
        #expect(messenger.sent.count == 25)
        #expect(try await broker.outbox().isEmpty)
    }

    @Test func `who asks for more time than is left is asked once more at its end`() async throws {
        let failure = DeliveryFailure("it is down", retryAfter: .seconds(3600))
        let (broker, messenger) = (try await brokerWithNotice(), FakeMessenger(failures: [failure]))
        broker.clock.advance(by: 85_000)
        await delivery(broker, messenger).deliverDue()
        broker.clock.advance(by: 1399)
        await delivery(broker, messenger).deliverDue()
        #expect(messenger.sent.count == 1)
        broker.clock.advance(by: 1)
        await delivery(broker, messenger).deliverDue()
        #expect(messenger.sent.count == 2)
        #expect(try await broker.outbox().isEmpty)
    }

    @Test func `after a day it is given up, and the log says so`() async throws {
        let broker = try await brokerWithNotice()
        let messenger = FakeMessenger(failures: Array(repeating: DeliveryFailure("it is down"), count: 1000))
        for _ in 0..<200 {
            await delivery(broker, messenger).deliverDue()
            broker.clock.advance(by: 900)
        }
        #expect(try await broker.outbox().isEmpty)
        #expect((90...110).contains(messenger.sent.count))
        #expect(broker.log.text.contains("notice given up"))
    }

    @Test func `one that can't be read is given up and keeps back no other`() async throws {
        let (broker, messenger) = (try await brokerWithNotice(), FakeMessenger())
        try broker.tamper("INSERT INTO outbox VALUES ('broken', '{}', 0, 0, 0)")
        await delivery(broker, messenger).deliverDue()
        #expect(messenger.sent.count == 1)
        #expect(broker.log.text.contains("notice unreadable"))
        let left = try await broker.records.base.dueNotices(at: .distantFuture, limit: 10)
        #expect(left == DueNotices(notices: [], unreadable: []))
    }

    @Test func `a target that was removed is waited for like one that is down`() async throws {
        let (broker, messenger) = (try await brokerWithNotice(), FakeMessenger())
        await delivery(broker, messenger, name: "another").deliverDue()
        #expect(try await broker.outbox().count == 1)
        #expect(broker.log.text.contains("no such target"))
    }

    @Test(.timeLimit(.minutes(1)))
    func `a target that doesn't answer keeps back its own notices only, however many they are`() async throws {
        let broker = try await BrokerUnderTest(
            policies: BrokerUnderTest.policies.replacing("expires_after: 2h", with: "expires_after: 2h, notify: [desk]")
        )
        for _ in 0..<40 { _ = try await broker.send(.post, "/v1/requests", body: #"{"policy":"reader"}"#) }
        broker.clock.advance(by: 1)
        _ = try await broker.send(.post, "/v1/requests", body: #"{"policy":"admin"}"#)
        let (people, desk) = (StuckMessenger(), FakeMessenger())
        let delivery = NoticeDelivery(
            outbox: broker.records.base, messengers: ["people": people, "desk": desk], logger: broker.logger,
            now: { [clock = broker.clock] in clock.now }, jitter: { 0.5 })
        let stuck = Task { await delivery.deliverDue() }
        try await awaited("a batch") { people.count >= 32 }
        await delivery.deliverDue()
        #expect(desk.sent.count == 1)
        #expect(people.count == 32, "one batch at a time")
        #expect(try await broker.outbox().allSatisfy { $0.address.target == "people" })
        stuck.cancel()
        await stuck.value
        #expect(try await broker.outbox().count >= 40, "what is cancelled is tried again")
    }
}
