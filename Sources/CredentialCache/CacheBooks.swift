import FoundationEssentials

/// What is known of each key, who waits for it, and which attempts may be made: a value that takes events and the time. It has no
/// lock of its own; ``CredentialCache`` guards it by one.
///
/// Whoever waits for a key waits for an attempt that is queued or running, so that nobody is forgotten. Each attempt that was
/// started takes a place at the gate until ``leaveGate(with:now:random:)``, whether its result is still wanted or not.
struct CacheBooks: Sendable {
    typealias Waiter = @Sendable () -> Void

    private let schedule: RefreshSchedule
    private let idleAfter: TimeInterval
    private var entries: [CredentialKey: CacheEntry] = [:]
    private var waiters: [CredentialKey: [Waiter]] = [:]
    private var gate = OutboundGate()

    init(schedule: RefreshSchedule, idleAfter: TimeInterval) {
        self.schedule = schedule
        self.idleAfter = idleAfter
    }

    /// Counts as asking for it. Returns also whether that may bring an attempt forward.
    mutating func lookup(_ key: CredentialKey, now: Date) -> (CredentialLookup, isSooner: Bool) {
        guard let index = entries.index(forKey: key) else {
            var entry = CacheEntry(now: now)
            let isSooner = entry.ask(now: now, idleAfter: idleAfter)
            entries[key] = entry
            return (CredentialLookup(entry, gate: gate, now: now), isSooner)
        }
        // In place: this is what each request does, and a copy would cost more than all else here.
        let isSooner = entries.values[index].ask(now: now, idleAfter: idleAfter)
        return (CredentialLookup(entries.values[index], gate: gate, now: now), isSooner)
    }

    /// Keeps `waiter` until the attempt for `key` has ended; `false` if none is under way.
    mutating func keep(_ waiter: @escaping Waiter, for key: CredentialKey) -> Bool {
        guard let entry = entries[key], entry.attempt.isUnderWay else { return false }
        waiters[key, default: []].append(waiter)
        return true
    }

    /// Does nothing, and returns `false`, if something is known of the key already.
    mutating func add(_ entry: CacheEntry, for key: CredentialKey) -> Bool {
        guard entries[key] == nil else { return false }
        entries[key] = entry
        return true
    }

    /// Starts anew for the keys that `isChanged` says, and throws away what is in flight for them.
    ///
    /// - Parameter dropped: told of each key for which nothing is held from now on.
    /// - Returns: those who need not wait any more.
    mutating func reset(
        dropping: Bool, now: Date, where isChanged: (CredentialKey) -> Bool, dropped: (CredentialKey) -> Void
    ) -> [Waiter] {
        var released: [Waiter] = []
        for key in entries.keys where isChanged(key) {
            if dropping, entries[key]?.held != nil { dropped(key) }
            entries[key]?.reset(now: now, dropping: dropping)
            if entries[key]?.attempt.isUnderWay != true { released += takeWaiters(for: key) }
        }
        return released
    }

    private mutating func takeWaiters(for key: CredentialKey) -> [Waiter] { waiters.removeValue(forKey: key) ?? [] }

    /// The wall clock jumped, or the machine slept: by so many seconds, ahead or back.
    mutating func replanAll(now: Date, after jump: TimeInterval, random: () -> Double) {
        gate.replan(now: now)
        for key in entries.keys {
            entries[key]?.replan(now: now, after: jump, schedule: schedule, random: random())
        }
    }
}

// MARK: - Attempts

extension CacheBooks {
    mutating func startDueAttempts(now: Date) -> [StartedAttempt] {
        var started: [StartedAttempt] = []
        for key in mostUrgentKeys(dueAt: now) where gate.allowance(at: now) > 0 {
            guard entries[key]?.start(now: now, idleAfter: idleAfter) == true else { continue }
            gate.started()
            started.append(StartedAttempt(key: key, generation: entries[key]?.generation ?? 0))
        }
        return started
    }

    /// Those that are due: first whose callers have nothing, then whose credentials end first.
    private func mostUrgentKeys(dueAt now: Date) -> [CredentialKey] {
        entries.filter { $0.value.dueDate(idleAfter: idleAfter).map { $0 <= now } ?? false }
            .map { (key: $0.key, end: $0.value.usable(at: now)?.deadline ?? .distantPast) }
            .sorted { $0.end < $1.end }
            .map(\.key)
    }

    /// The earliest instant at which something may be done by itself; `nil` for not before an attempt has ended.
    func nextDueDate() -> Date? {
        entries.values.compactMap { $0.dueDate(idleAfter: idleAfter) }.min().flatMap(gate.start)
    }

    /// One attempt has ended. Returns the gate as it was, and as it is now.
    mutating func leaveGate(
        with result: Result<CacheEntry.Held, IssueFailure>, now: Date, random: Double
    ) -> (before: OutboundGate, after: OutboundGate) {
        let before = gate
        var outage: CredentialFailure?
        if case .failure(let failure) = result, failure.isOutage { outage = failure.failure }
        gate.ended(outage: outage, now: now, random: random)
        return (before, gate)
    }

    /// Enters what came of an attempt. Returns what that has changed; `nil` if it has become unwanted.
    mutating func enter(
        _ result: Result<CacheEntry.Held, IssueFailure>, of attempt: StartedAttempt, now: Date, random: () -> Double
    ) -> EndedAttempt? {
        guard var entry = entries[attempt.key], entry.generation == attempt.generation else { return nil }
        let (before, wasHeld) = (entry.failure, entry.held != nil)
        switch result {
        case .success(let held): entry.succeed(held, schedule: schedule, random: random())
        case .failure(let failure): entry.fail(failure, now: now, schedule: schedule, random: random())
        }
        entries[attempt.key] = entry
        return EndedAttempt(
            failureBefore: before, failure: entry.failure, isDropped: wasHeld && entry.held == nil,
            released: takeWaiters(for: attempt.key))
    }
}

// MARK: - What is known, without asking for it

extension CacheBooks {
    func report(on key: CredentialKey, now: Date) -> CredentialReport {
        CredentialReport(entries[key], now: now, schedule: schedule)
    }

    func reports(now: Date) -> [CredentialKey: CredentialReport] {
        entries.mapValues { CredentialReport($0, now: now, schedule: schedule) }
    }

    func held(among keys: [CredentialKey], now: Date) -> [(key: CredentialKey, form: any PreparedForm)] {
        keys.compactMap { key in (entries[key]?.usable(at: now)?.prepared).map { (key, $0) } }
    }

    func isInUse(by principal: Principal, now: Date) -> Bool {
        entries.contains { $0.key.principal == principal && now.timeIntervalSince($0.value.lastAsked) < idleAfter }
    }
}
