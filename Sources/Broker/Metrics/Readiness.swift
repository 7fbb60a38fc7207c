package import FoundationEssentials
package import Logging
import ServiceLifecycle
import Synchronization

/// One thing that the broker can't do its work without.
package struct ReadinessCheck: Sendable {
    package let name: String
    /// Throws if it isn't there; the error goes to the log, and to nobody else.
    let verify: @Sendable () async throws -> Void

    package init(_ name: String, verify: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.verify = verify
    }
}

/// Whether the broker can do its work, looked at every few seconds: whoever asks gets the last answer, so that asking costs
/// nothing, however often.
package final class Readiness: Service {
    /// An answer that is older says that looking itself hangs.
    static let longestAge: TimeInterval = 30
    private static let pause = Duration.seconds(5)

    private struct Outcome {
        var at = Date.distantPast
        var holds: [String: Bool] = [:]
        var isOver = false
    }

    private let checks: [ReadinessCheck]
    private let metrics: BrokerMetrics
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let outcome = Mutex(Outcome())

    package init(
        checks: [ReadinessCheck], metrics: BrokerMetrics, logger: Logger, now: @escaping @Sendable () -> Date
    ) {
        self.checks = checks
        self.metrics = metrics
        self.logger = logger
        self.now = now
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.look()
                try? await ContinuousClock().sleep(for: Self.pause)
            }
        }
        end()
    }

    /// From now on nothing holds, whatever a check that is under way finds: whoever asks while the broker stops shall
    /// send nobody here any more.
    package func end() {
        outcome.withLock { $0.isOver = true }
        for check in checks { metrics.isReady(check.name, false) }
    }

    /// Looks at everything once.
    package func look() async {
        var holds: [String: Bool] = [:]
        let before = outcome.withLock { $0.holds }
        for check in checks {
            do {
                try await check.verify()
                holds[check.name] = true
            } catch {
                holds[check.name] = false
                if before[check.name] != false {
                    logger.error("not ready", metadata: ["check": "\(check.name)", "error": "\(error)"])
                }
            }
            if holds[check.name] == true, before[check.name] == false {
                logger.notice("ready again", metadata: ["check": "\(check.name)"])
            }
        }
        let instant = now()
        let isOver = outcome.withLock {
            $0.at = instant
            $0.holds = holds
            return $0.isOver
        }
        for (name, holds) in holds { metrics.isReady(name, holds && !isOver) }
    }

    /// Each check by its name, as it was last; all of them fail while nobody has looked for long, and at the end.
    package var checked: [String: Bool] {
        let (outcome, instant) = (outcome.withLock { $0 }, now())
        let isRecent = !outcome.isOver && abs(instant.timeIntervalSince(outcome.at)) <= Self.longestAge
        let pairs = checks.map { ($0.name, isRecent && outcome.holds[$0.name] == true) }
        return Dictionary(pairs) { $0 && $1 }
    }
}
