import Credentials
import FoundationEssentials

/// Everything known about one (principal, role), as a pure value: it takes events and the time, and says what to do.
///
///     idle ──asked──▶ queued ──tick──▶ running ──ended──▶ waiting for `nextAttempt` ──tick──▶ running …
struct CacheEntry: Sendable {
    struct Held: Sendable {
        /// As the broker's clock has it.
        let expiration: Date
        /// From issue to expiration, in seconds.
        let lifetime: TimeInterval
        let prepared: any PreparedForm
        /// When they end, on the wall clock as it is now. Earlier than the expiration if that clock is behind: this machine's
        /// time does not make credentials live longer.
        fileprivate(set) var deadline: Date

        init(_ credentials: SessionCredentials, arrived: Date, prepared: any PreparedForm) {
            expiration = credentials.expiration
            lifetime = credentials.lifetime
            self.prepared = prepared
            deadline = min(credentials.expiration, arrived.addingTimeInterval(credentials.lifetime))
        }

        func refreshDate(_ schedule: RefreshSchedule, random: Double) -> Date {
            schedule.refreshDate(
                issuedAt: deadline.addingTimeInterval(-lifetime), expiration: deadline, random: random)
        }
    }

    enum Attempt: Sendable {
        case none
        /// Wanted now; the refresher will start it.
        case queued
        case running

        var isUnderWay: Bool {
            switch self {
            case .none: false
            case .queued, .running: true
            }
        }
    }

    private(set) var held: Held?
    private(set) var failure: CredentialFailure?
    private(set) var attempt = Attempt.none
    /// When to try again by itself; `nil` if only a request starts the next attempt.
    private(set) var nextAttempt: Date?
    /// Before this, not even a request starts an attempt.
    private(set) var notBefore: Date?
    private(set) var lastAsked: Date
    private(set) var lastAttempt: Date?
    private var consecutiveFailures = 0
    /// Rises when what is in flight has become unwanted, so that its result is thrown away.
    private(set) var generation = 0

    init(now: Date) {
        lastAsked = now
    }

    /// One that was kept through a restart, and is to be renewed at once.
    init(restored held: Held, now: Date) {
        self.init(now: now)
        self.held = held
        attempt = .queued
    }

    func usable(at now: Date) -> Held? {
        isUsable(at: now) ? held : nil
    }

    func isUsable(at now: Date) -> Bool {
        guard let deadline = held?.deadline else { return false }
        return deadline.timeIntervalSince(now) >= RefreshSchedule.leastUsable
    }

    /// Somebody asked. Returns whether that changed ``dueDate(idleAfter:)``.
    mutating func ask(now: Date, idleAfter: TimeInterval) -> Bool {
        let before = dueDate(idleAfter: idleAfter)
        lastAsked = now
        if case .none = attempt, !isUsable(at: now), mayAttempt(at: now) { attempt = .queued }
        return dueDate(idleAfter: idleAfter) != before
    }

    /// When ``start(now:idleAfter:)`` will next say yes if nobody asks again; `nil` if never.
    func dueDate(idleAfter: TimeInterval) -> Date? {
        switch attempt {
        case .running: return nil
        case .queued: return .distantPast
        case .none:
            guard let nextAttempt, nextAttempt.timeIntervalSince(lastAsked) <= idleAfter else { return nil }
            return nextAttempt
        }
    }

    /// Whether the refresher should start an attempt now; if so, it counts as running.
    mutating func start(now: Date, idleAfter: TimeInterval) -> Bool {
        guard let due = dueDate(idleAfter: idleAfter), due <= now else { return false }
        attempt = .running
        lastAttempt = now
        return true
    }

    mutating func succeed(_ held: Held, schedule: RefreshSchedule, random: Double) {
        attempt = .none
        failure = nil
        consecutiveFailures = 0
        notBefore = nil
        self.held = held
        nextAttempt = held.refreshDate(schedule, random: random)
    }

    mutating func fail(_ outcome: IssueFailure, now: Date, schedule: RefreshSchedule, random: Double) {
        attempt = .none
        failure = outcome.failure
        consecutiveFailures += 1
        if outcome.failure.revokesHeldCredentials { held = nil }
        switch outcome.failure {
        case .brokerUnreachable, .credentialsExpired, .identityUnusable:
            let pause = schedule.backoff(
                failures: consecutiveFailures, retryAfter: outcome.retryAfter?.timeInterval,
                usableFor: usable(at: now)?.deadline.timeIntervalSince(now), random: random)
            nextAttempt = now.addingTimeInterval(pause)
            notBefore = nextAttempt
        case .requestRefused:
            nextAttempt = now.addingTimeInterval(schedule.longestBackoff * (0.5 + 0.5 * random))
            notBefore = now.addingTimeInterval(schedule.refusalCoolDown)
        case .approvalPending:
            let pause = max(outcome.retryAfter?.timeInterval ?? 0, schedule.approvalPoll * (0.8 + 0.2 * random))
            nextAttempt = now.addingTimeInterval(pause)
            notBefore = nextAttempt
        case .signInRequired, .locked, .accessDenied, .roleNotFound:
            nextAttempt = nil
            notBefore = now.addingTimeInterval(max(schedule.refusalCoolDown, outcome.retryAfter?.timeInterval ?? 0))
        }
    }

    /// The principal changed (signed in or out): forget everything but that somebody asked.
    mutating func reset(now: Date, dropping: Bool) {
        generation += 1
        if dropping { held = nil }
        failure = nil
        consecutiveFailures = 0
        notBefore = nil
        nextAttempt = nil
        attempt = held == nil ? .none : .queued
    }

    /// The wall clock went back or far forward: what was planned on the old one is planned anew.
    mutating func replan(now: Date, after jump: TimeInterval, schedule: RefreshSchedule, random: Double) {
        held?.deadline.addTimeInterval(min(0, jump))
        guard case .none = attempt else { return }
        notBefore = nil
        if failure != nil, nextAttempt != nil {
            nextAttempt = now
        } else if let held {
            nextAttempt = held.refreshDate(schedule, random: random)
        }
        lastAsked = min(lastAsked, now)
    }

    private func mayAttempt(at now: Date) -> Bool {
        guard let notBefore else { return true }
        return now >= notBefore
    }
}

extension Duration {
    /// In seconds.
    var timeInterval: TimeInterval {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
