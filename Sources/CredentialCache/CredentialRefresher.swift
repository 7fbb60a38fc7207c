import Credentials
package import FoundationEssentials
import Logging
import ServiceLifecycle

/// Makes the attempts that the cache wants, each in a task of its own, until graceful shutdown.
///
/// It sleeps until something is due, but never longer than ``longestSleep``, and compares the wall clock with the
/// injected one at each turn: after a jump or a suspend everything is planned anew.
package struct CredentialRefresher<Sleeper: Clock>: Service where Sleeper.Duration == Duration {
    /// Bounds how late a changed wall clock is noticed.
    package static var longestSleep: TimeInterval { 30 }

    private let cache: CredentialCache
    private let issuer: any CredentialIssuer
    private let clock: Sleeper
    private let now: @Sendable () -> Date
    private let onAttempt: @Sendable (Duration, CredentialFailure?) -> Void
    private let armed = ArmedTimer<Sleeper.Instant>()

    /// - Parameters:
    ///   - clock: measures pauses.
    ///   - now: the wall clock, by which AWS judges expiry.
    ///   - onAttempt: told of each attempt that has ended: how long it took, and why it failed, if it did.
    package init(
        cache: CredentialCache, issuer: any CredentialIssuer, clock: Sleeper,
        now: @escaping @Sendable () -> Date,
        onAttempt: @escaping @Sendable (Duration, CredentialFailure?) -> Void = { _, _ in }
    ) {
        self.cache = cache
        self.issuer = issuer
        self.clock = clock
        self.now = now
        self.onAttempt = onAttempt
    }

    package func run() async {
        await withDiscardingTaskGroup { group in
            var watch = ClockWatch(wall: now(), steady: clock.now)
            armTimer(in: &group)
            for await _ in cache.wakeUpSignals.cancelOnGracefulShutdown() {
                let wall = now()
                if let jump = watch.jump(wall: wall, steady: clock.now) { cache.replanAll(now: wall, after: jump) }
                for attempt in cache.startDueAttempts(now: wall) {
                    group.addTask { await make(attempt) }
                }
                armTimer(in: &group)
            }
            group.cancelAll()
        }
    }

    private func make(_ attempt: StartedAttempt) async {
        let start = clock.now
        let result: Result<SessionCredentials, IssueFailure>
        do throws(IssueFailure) {
            result = .success(try await issuer.issue(attempt.key))
        } catch {
            result = .failure(error)
        }
        let failure = cache.attemptEnded(attempt, result, now: now())
        onAttempt(start.duration(to: clock.now), failure)
    }

    /// Has a timer running that fires no later than the next due date. Timers that turn out to be early do no harm.
    private func armTimer(in group: inout DiscardingTaskGroup) {
        let untilDue = cache.nextDueDate().map { max(0.01, $0.timeIntervalSince(now())) } ?? Self.longestSleep
        let pause = Duration.seconds(min(untilDue, Self.longestSleep))
        let instant = clock.now.advanced(by: pause)
        guard armed.arm(at: instant) else { return }
        group.addTask {
            try? await clock.sleep(until: instant, tolerance: nil)
            armed.fired(at: instant)
            cache.wake()
        }
    }
}

extension CredentialCache {
    func wake() { wakeUps.yield() }
}
