package import Credentials
package import FoundationEssentials
package import Logging
import Synchronization

/// Holds credentials by (principal, role), answers from memory, and keeps the books of what to fetch next.
///
/// All methods may be called from any thread and return at once; ``CredentialRefresher`` does the fetching.
package final class CredentialCache: Sendable {
    /// What an attempt or a reset changes is told and logged under the lock, in the order in which it happens. Those who wait are
    /// called without it.
    private let books: Mutex<CacheBooks>

    let wakeUps: AsyncStream<Void>.Continuation
    /// One element at least after each change that may bring an attempt forward.
    let wakeUpSignals: AsyncStream<Void>
    private let prepare: @Sendable (SessionCredentials, Date) -> any PreparedForm
    private let random: @Sendable () -> Double
    private let log: AttemptLog
    private let changed: @Sendable (CredentialKey, SessionCredentials?) -> Void

    /// - Parameters:
    ///   - idleAfter: a role that nobody asked for during this many seconds is no longer refreshed.
    ///   - random: 0..<1, for jitter.
    ///   - changed: told what is held for a key from now on, or that nothing is (expiring aside), in the order in which that happens. It is
    ///     called under the cache's lock, so it must return at once and leave the cache alone.
    ///   - prepare: called once for each new set of credentials, with the time of its arrival.
    package init(
        schedule: RefreshSchedule = RefreshSchedule(),
        idleAfter: TimeInterval = 12 * 3600,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        logger: Logger,
        changed: @escaping @Sendable (CredentialKey, SessionCredentials?) -> Void = { _, _ in },
        prepare: @escaping @Sendable (SessionCredentials, Date) -> any PreparedForm
    ) {
        books = Mutex(CacheBooks(schedule: schedule, idleAfter: idleAfter))
        self.random = random
        log = AttemptLog(logger)
        self.changed = changed
        self.prepare = prepare
        (wakeUpSignals, wakeUps) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What is there for `key` at `now`. Counts as asking for it: with nothing in hand, an attempt is queued.
    package func lookup(_ key: CredentialKey, now: Date) -> CredentialLookup {
        let (result, isSooner) = books.withLock { $0.lookup(key, now: now) }
        if isSooner { wakeUps.yield() }
        return result
    }

    /// Calls `body` once, on any thread, when the attempt that is queued or running for `key` has ended; at once if
    /// there is none.
    package func awaitNextAttempt(_ key: CredentialKey, then body: @escaping @Sendable () -> Void) {
        let waits = books.withLock { $0.keep(body, for: key) }
        if !waits { body() }
    }

    /// Holds what was kept through a restart, and queues an attempt to renew it. Does nothing if something is known of that key already,
    /// or if they can't be used at `now`.
    ///
    /// - Parameter arrived: when they were fetched; a wall clock that was before that is wrong now, and they are not used.
    /// - Returns: whether they are held now.
    package func restore(_ key: CredentialKey, _ credentials: SessionCredentials, arrived: Date, now: Date) -> Bool {
        let held = CacheEntry.Held(credentials, arrived: arrived, prepared: prepare(credentials, arrived))
        let entry = CacheEntry(restored: held, now: now)
        guard arrived <= now, entry.isUsable(at: now) else { return false }
        let isNew = books.withLock { $0.add(entry, for: key) }
        wakeUps.yield()
        return isNew
    }

    /// The principal signed in, or out (`dropping` what is held). Whatever is in flight for them is not used.
    package func principalChanged(_ principal: Principal, dropping: Bool, now: Date) {
        reset(dropping: dropping, now: now) { $0.principal == principal }
    }

    /// Drops what is held for the keys that `isChanged` says; what is in flight for them is not used either.
    package func forget(now: Date, _ isChanged: @Sendable (CredentialKey) -> Bool) {
        reset(dropping: true, now: now, isChanged)
    }

    private func reset(dropping: Bool, now: Date, _ isChanged: @Sendable (CredentialKey) -> Bool) {
        let waiters = books.withLock { books in
            books.reset(dropping: dropping, now: now, where: isChanged, dropped: { changed($0, nil) })
        }
        wakeUps.yield()
        for waiter in waiters { waiter() }
    }

    /// What is known of `key`, without asking for it.
    package func report(on key: CredentialKey, now: Date) -> CredentialReport {
        books.withLock { $0.report(on: key, now: now) }
    }

    /// What is known of every key that somebody has asked for, without asking for it.
    package func reports(now: Date) -> [CredentialKey: CredentialReport] {
        books.withLock { $0.reports(now: now) }
    }

    /// What of these could be handed out, without asking for it.
    package func held(among keys: [CredentialKey], now: Date) -> [(key: CredentialKey, form: any PreparedForm)] {
        books.withLock { $0.held(among: keys, now: now) }
    }

    /// Whether something of theirs was asked for lately, and so is kept fresh.
    package func isInUse(by principal: Principal, now: Date) -> Bool {
        books.withLock { $0.isInUse(by: principal, now: now) }
    }
}

// MARK: - For the refresher

extension CredentialCache {
    /// Takes the attempts that are due and may be made now, each at most once: who gets it must report its end.
    func startDueAttempts(now: Date) -> [StartedAttempt] {
        books.withLock { $0.startDueAttempts(now: now) }
    }

    /// Returns why it has failed, if it has: also if what came is of no use.
    @discardableResult
    func attemptEnded(
        _ attempt: StartedAttempt, _ result: Result<SessionCredentials, IssueFailure>, now: Date
    ) -> CredentialFailure? {
        let result = result.flatMap { $0.checkedOnArrival(at: now) }
        let held = result.map { CacheEntry.Held($0, arrived: now, prepared: prepare($0, now)) }
        let waiters = books.withLock { books -> [CacheBooks.Waiter] in
            let gate = books.leaveGate(with: held, now: now, random: random())
            log.gateChanged(from: gate.before, to: gate.after)
            guard let ended = books.enter(held, of: attempt, now: now, random: random) else { return [] }
            if case .success(let credentials) = result {
                changed(attempt.key, credentials)
            } else if ended.isDropped {
                changed(attempt.key, nil)
            }
            log.failureChanged(of: attempt.key, from: ended.failureBefore, to: ended.failure)
            return ended.released
        }
        wakeUps.yield()
        for waiter in waiters { waiter() }
        if case .failure(let failure) = result { return failure.failure }
        return nil
    }

    /// The earliest instant at which something may be done by itself; `nil` for not before an attempt has ended.
    func nextDueDate() -> Date? {
        books.withLock { $0.nextDueDate() }
    }

    /// The wall clock jumped, or the machine slept: by so many seconds, ahead or back.
    func replanAll(now: Date, after jump: TimeInterval) {
        books.withLock { $0.replanAll(now: now, after: jump, random: random) }
    }
}
