package import Credentials
package import FoundationEssentials
package import Logging
import Synchronization

/// Holds credentials by (principal, role), answers from memory, and keeps the books of what to fetch next.
///
/// All methods may be called from any thread and return at once; ``CredentialRefresher`` does the fetching.
package final class CredentialCache: Sendable {
    private struct State {
        var entries: [CredentialKey: CacheEntry] = [:]
        var waiters: [CredentialKey: [@Sendable () -> Void]] = [:]
        var gate = OutboundGate()

        /// Those that are due: first whose callers have nothing, then whose credentials end first.
        func mostUrgentKeys(dueAt now: Date, idleAfter: TimeInterval) -> [CredentialKey] {
            entries.filter { $0.value.dueDate(idleAfter: idleAfter).map { $0 <= now } ?? false }
                .map { (key: $0.key, end: $0.value.usable(at: now)?.deadline ?? .distantPast) }
                .sorted { $0.end < $1.end }
                .map(\.key)
        }
    }

    private let state = Mutex(State())

    let wakeUps: AsyncStream<Void>.Continuation
    /// One element at least after each change that may bring an attempt forward.
    let wakeUpSignals: AsyncStream<Void>
    private let prepare: @Sendable (SessionCredentials, Date) -> any PreparedForm
    private let schedule: RefreshSchedule
    private let idleAfter: TimeInterval
    private let random: @Sendable () -> Double
    private let logger: Logger
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
        self.schedule = schedule
        self.idleAfter = idleAfter
        self.random = random
        self.logger = logger
        self.changed = changed
        self.prepare = prepare
        (wakeUpSignals, wakeUps) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What is there for `key` at `now`. Counts as asking for it: with nothing in hand, an attempt is queued.
    package func lookup(_ key: CredentialKey, now: Date) -> CredentialLookup {
        let (result, isSooner) = state.withLock { state in
            guard let index = state.entries.index(forKey: key) else {
                var entry = CacheEntry(now: now)
                let isSooner = entry.ask(now: now, idleAfter: idleAfter)
                state.entries[key] = entry
                return (CredentialLookup(entry, gate: state.gate, now: now), isSooner)
            }
            // In place: this is what each request does, and a copy would cost more than all else here.
            let isSooner = state.entries.values[index].ask(now: now, idleAfter: idleAfter)
            return (CredentialLookup(state.entries.values[index], gate: state.gate, now: now), isSooner)
        }
        if isSooner { wakeUps.yield() }
        return result
    }

    /// Calls `body` once, on any thread, when the attempt that is queued or running for `key` has ended; at once if
    /// there is none.
    package func awaitNextAttempt(_ key: CredentialKey, then body: @escaping @Sendable () -> Void) {
        let waits = state.withLock { state in
            guard let entry = state.entries[key], entry.attempt.isUnderWay else { return false }
            state.waiters[key, default: []].append(body)
            return true
        }
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
        let isNew = state.withLock { state in
            guard state.entries[key] == nil else { return false }
            state.entries[key] = entry
            return true
        }
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
        let waiters = state.withLock { state in
            var waiters: [@Sendable () -> Void] = []
            for key in state.entries.keys where isChanged(key) {
                if dropping, state.entries[key]?.held != nil { changed(key, nil) }
                state.entries[key]?.reset(now: now, dropping: dropping)
                if state.entries[key]?.attempt.isUnderWay != true {
                    waiters += state.waiters.removeValue(forKey: key) ?? []
                }
            }
            return waiters
        }
        wakeUps.yield()
        for waiter in waiters { waiter() }
    }

    /// What is known of `key`, without asking for it.
    package func report(on key: CredentialKey, now: Date) -> CredentialReport {
        state.withLock { CredentialReport($0.entries[key], now: now, schedule: schedule) }
    }

    /// What of these could be handed out, without asking for it.
    package func held(among keys: [CredentialKey], now: Date) -> [(key: CredentialKey, form: any PreparedForm)] {
        state.withLock { state in
            keys.compactMap { key in (state.entries[key]?.usable(at: now)?.prepared).map { (key, $0) } }
        }
    }

    /// Whether something of theirs was asked for lately, and so is kept fresh.
    package func isInUse(by principal: Principal, now: Date) -> Bool {
        state.withLock { state in
            state.entries.contains {
                $0.key.principal == principal && now.timeIntervalSince($0.value.lastAsked) < idleAfter
            }
        }
    }

    /// What is known of every key that somebody has asked for, without asking for it.
    package func reports(now: Date) -> [CredentialKey: CredentialReport] {
        state.withLock { $0.entries.mapValues { CredentialReport($0, now: now, schedule: schedule) } }
    }
}

// MARK: - For the refresher

extension CredentialCache {
    /// One attempt to make, and what it was started under.
    struct StartedAttempt: Sendable {
        let key: CredentialKey
        let generation: Int
    }

    /// Takes the attempts that are due and may be made now, each at most once: who gets it must report its end.
    func startDueAttempts(now: Date) -> [StartedAttempt] {
        state.withLock { state in
            var started: [StartedAttempt] = []
            for key in state.mostUrgentKeys(dueAt: now, idleAfter: idleAfter) where state.gate.allowance(at: now) > 0 {
                guard state.entries[key]?.start(now: now, idleAfter: idleAfter) == true else { continue }
                state.gate.started()
                started.append(StartedAttempt(key: key, generation: state.entries[key]?.generation ?? 0))
            }
            return started
        }
    }

    /// Returns why it has failed, if it has: also if what came is of no use.
    @discardableResult
    func attemptEnded(
        _ attempt: StartedAttempt, _ result: Result<SessionCredentials, IssueFailure>, now: Date
    ) -> CredentialFailure? {
        let result = result.flatMap { refuseUnusable($0, now: now) }
        let prepared = (try? result.get()).map { CacheEntry.Held($0, arrived: now, prepared: prepare($0, now)) }
        let waiters = state.withLock { state -> [@Sendable () -> Void] in
            end(result, at: &state.gate, now: now)
            guard var entry = state.entries[attempt.key], entry.generation == attempt.generation else { return [] }
            let (before, wasHeld) = (entry.failure, entry.held != nil)
            switch (prepared, result) {
            case (let held?, _): entry.succeed(held, schedule: schedule, random: random())
            case (nil, .failure(let failure)): entry.fail(failure, now: now, schedule: schedule, random: random())
            case (nil, .success): break
            }
            state.entries[attempt.key] = entry
            if let credentials = try? result.get() {
                changed(attempt.key, credentials)
            } else if wasHeld, entry.held == nil {
                changed(attempt.key, nil)
            }
            logChange(of: attempt.key, from: before, to: entry)
            return state.waiters.removeValue(forKey: attempt.key) ?? []
        }
        wakeUps.yield()
        for waiter in waiters { waiter() }
        if case .failure(let failure) = result { return failure.failure }
        return nil
    }

    private func end(_ result: Result<SessionCredentials, IssueFailure>, at gate: inout OutboundGate, now: Date) {
        let wasOpen = gate.probeDate != nil
        var outage: CredentialFailure?
        if case .failure(let failure) = result, failure.isOutage { outage = failure.failure }
        gate.ended(outage: outage, now: now, random: random())
        switch (wasOpen, gate.probeDate != nil) {
        case (false, true):
            logger.warning("broker not reached, asking less often", metadata: ["reason": "\(outage, default: "")"])
        case (true, false): logger.info("broker reached again")
        default: break
        }
    }

    /// The earliest instant at which something may be done by itself; `nil` for not before an attempt has ended.
    func nextDueDate() -> Date? {
        state.withLock { state in
            state.entries.values.compactMap { $0.dueDate(idleAfter: idleAfter) }.min().flatMap(state.gate.start)
        }
    }

    /// The wall clock jumped, or the machine slept: by so many seconds, ahead or back.
    func replanAll(now: Date, after jump: TimeInterval) {
        state.withLock { state in
            state.gate.replan(now: now)
            for key in state.entries.keys {
                state.entries[key]?.replan(now: now, after: jump, schedule: schedule, random: random())
            }
        }
    }

    private func refuseUnusable(_ credentials: SessionCredentials, now: Date) -> Result<
        SessionCredentials, IssueFailure
    > {
        let left = min(credentials.expiration.timeIntervalSince(now), credentials.lifetime)
        guard left >= RefreshSchedule.leastUsable else {
            return .failure(IssueFailure(.brokerUnreachable("it sent credentials that are already expired")))
        }
        guard !credentials.accessKeyID.isEmpty, credentials.secretAccessKey.count > 0,
            credentials.sessionToken.count > 0
        else {
            return .failure(IssueFailure(.brokerUnreachable("it sent empty credentials")))
        }
        return .success(credentials)
    }

    /// One line per change, not one per attempt. What users change themselves, as often as they like, is logged where they do.
    private func logChange(of key: CredentialKey, from before: CredentialFailure?, to entry: CacheEntry) {
        let facts: Logger.Metadata = ["role": "\(key.role)", "principal": "\(key.principal)"]
        switch (before, entry.failure) {
        case (let before, let after?) where before != after && !after.isOwnDoing:
            logger.warning("credentials can't be refreshed", metadata: facts.merging(["reason": "\(after)"]) { $1 })
        case (let before?, nil) where !before.isOwnDoing:
            logger.info("credentials are refreshed again", metadata: facts)
        default:
            logger.debug("refresh attempt ended", metadata: facts)
        }
    }
}

extension CacheEntry.Attempt {
    var isUnderWay: Bool {
        switch self {
        case .none: false
        case .queued, .running: true
        }
    }
}
