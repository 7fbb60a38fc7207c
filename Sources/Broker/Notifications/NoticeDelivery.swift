import AccessControl
package import BrokerStore
package import FoundationEssentials
package import Logging
import ServiceLifecycle

/// Empties the outbox, for as long as the server runs. What fails waits longer each time; what can't be delivered in a day is
/// given up. No request ever waits for it, and no target for another: of each, one batch at most is under way.
package struct NoticeDelivery: Service {
    /// After the first failure; each further one doubles it.
    static let shortestPause: TimeInterval = 5
    static let longestPause: TimeInterval = 15 * 60
    /// The most that the other side's wish counts: one answer decides about no more than a part of the tries.
    static let longestAskedPause: TimeInterval = 3600
    /// Whoever hears of a request a day late hears of one that has expired.
    static let longestTrying: TimeInterval = 86_400
    private static let batch = 32

    private let outbox: any NoticeOutbox
    private let messengers: [String: any Messenger]
    private let pages: String?
    private let metrics: BrokerMetrics
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let jitter: @Sendable () -> Double
    private let busy = BusyTargets()

    /// - Parameters:
    ///   - messengers: by the target's name.
    ///   - pages: what the addresses of requests' pages begin with; `nil` where there are none.
    ///   - jitter: 0.0 to 1.0, a new one with each call.
    package init(
        outbox: any NoticeOutbox, messengers: [String: any Messenger], pages: String? = nil,
        metrics: BrokerMetrics = BrokerMetrics(), logger: Logger,
        now: @escaping @Sendable () -> Date, jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        self.outbox = outbox
        self.messengers = messengers
        self.pages = pages
        self.metrics = metrics
        self.logger = logger
        self.now = now
        self.jitter = jitter
    }

    /// What is under way at the end stays in the outbox, and is delivered after the next start.
    package func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    for notices in await taken() { group.addTask { await deliver(notices) } }
                    try? await ContinuousClock().sleep(for: .seconds(1))
                }
            }
        }
    }

    /// Tries each notice of a batch once that is due and whose target isn't busy, all at the same time.
    package func deliverDue() async {
        await withDiscardingTaskGroup { group in
            for notices in await taken() { group.addTask { await deliver(notices) } }
        }
    }

    /// A batch of what is due, by target; these targets are busy until it is delivered.
    private func taken() async -> [[QueuedNotice]] {
        let due: DueNotices
        do {
            due = try await outbox.dueNotices(at: now(), limit: Self.batch, without: busy.names)
        } catch {
            logger.error("outbox unusable", metadata: ["error": "\(error)"])
            return []
        }
        for id in due.unreadable {
            logger.error("notice unreadable, given up", metadata: ["notice": "\(id)"])
            await write("removing") { () throws(StoreError) in try await outbox.removeNotice(id) }
        }
        let lanes = Dictionary(grouping: due.notices) { $0.addressed.address.target }
        return lanes.filter { busy.begin($0.key) }.map(\.value)
    }

    /// All of them to one target.
    private func deliver(_ notices: [QueuedNotice]) async {
        await withDiscardingTaskGroup { group in
            for notice in notices { group.addTask { await deliver(notice) } }
        }
        if let target = notices.first?.addressed.address.target { busy.end(target) }
    }

    private func deliver(_ queued: QueuedNotice) async {
        let target = queued.addressed.address.target
        let outgoing = OutgoingNotice(
            addressed: queued.addressed, sentAt: now().timeIntervalSince1970,
            link: pages.map { "\($0)/requests/\(queued.addressed.notice.requestID)" })
        do throws(DeliveryFailure) {
            guard let messenger = messengers[target] else { throw DeliveryFailure("there is no such target any more") }
            try await messenger.send(outgoing)
        } catch {
            if !Task.isCancelled { await postpone(queued, because: error) }
            return
        }
        metrics.notified(target, "delivered")
        log("notice delivered", queued, .info)
        await write("removing") { () throws(StoreError) in try await outbox.removeNotice(queued.addressed.id) }
    }

    private func postpone(_ queued: QueuedNotice, because failure: DeliveryFailure) async {
        let instant = now()
        let left = Self.longestTrying - instant.timeIntervalSince(queued.createdAt)
        let pause = pause(after: queued.failures, asking: failure.retryAfter, left: left)
        guard pause <= left else {
            metrics.notified(queued.addressed.address.target, "given_up")
            log("notice given up", queued, .error, failure.reason)
            await write("removing") { () throws(StoreError) in try await outbox.removeNotice(queued.addressed.id) }
            return
        }
        metrics.notified(queued.addressed.address.target, "postponed")
        log("notice not delivered", queued, .warning, failure.reason)
        await write("postponing") { () throws(StoreError) in
            try await outbox.postponeNotice(queued.addressed.id, until: instant.addingTimeInterval(pause))
        }
    }

    /// Jittered, so that what failed together doesn't come back together. What the other side asks for leaves time for
    /// another try.
    private func pause(after failures: Int, asking: Duration?, left: TimeInterval) -> TimeInterval {
        let doubled = Self.shortestPause * Double(1 << min(max(failures, 0), 16))
        let pause = min(doubled, Self.longestPause) * (0.75 + jitter() / 2)
        let asked = Double(asking?.components.seconds ?? 0)
        return max(pause, min(asked, Self.longestAskedPause, left))
    }

    /// A notice that is delivered and can't be removed comes twice; that is what its id is for.
    private func write(_ what: String, _ body: () async throws(StoreError) -> Void) async {
        do throws(StoreError) {
            try await body()
        } catch {
            logger.error("outbox unusable", metadata: ["act": "\(what)", "error": "\(error)"])
        }
    }

    private func log(_ event: Logger.Message, _ queued: QueuedNotice, _ level: Logger.Level, _ reason: String? = nil) {
        var metadata: Logger.Metadata = [
            "notice": "\(queued.addressed.id)", "target": "\(queued.addressed.address.target)",
            "request": "\(queued.addressed.notice.requestID)", "kind": "\(queued.addressed.notice.kind.rawValue)",
        ]
        if let reason { metadata["reason"] = "\(reason)" }
        logger.log(level: level, event, metadata: metadata)
    }
}
