import CallerIdentity
import FoundationEssentials
import Logging
import ServiceLifecycle
import Synchronization

/// Records who was handed which credentials. The first of its kind is a line at once; what comes again within the window is
/// counted, and becomes one line at the window's end.
final class AuditLog: Sendable {
    /// Beyond so many kinds at once, all that was counted is written, and every kind begins anew: memory stays bounded, and
    /// nothing is lost.
    static let mostKinds = 4096

    let noting: ProcessNoting
    private let sink: any AuditSink
    private let now: @Sendable () -> Date
    private let tallies = Mutex<[AuditKind: AuditTally]>([:])
    private let windowStart: Mutex<Date>
    private let lines: AsyncStream<AuditRecord>
    private let queue: AsyncStream<AuditRecord>.Continuation

    /// - Parameter noting: whose processes are named.
    init(sink: any AuditSink, noting: ProcessNoting, now: @escaping @Sendable () -> Date) {
        self.sink = sink
        self.noting = noting
        self.now = now
        windowStart = Mutex(now())
        (lines, queue) = AsyncStream.makeStream()
    }

    /// Counts one request. What is returned counts those of the same kind that follow, until its window is over.
    func note(_ kind: AuditKind, userAgent: String, processID: Int32?) -> AuditTally {
        let (tally, isFirst, ended) = tallies.withLock { tallies -> (AuditTally, Bool, [AuditRecord]) in
            if let known = tallies[kind], known.countRepeat() { return (known, false, []) }
            let ended = tallies.count < Self.mostKinds ? [] : Self.summaries(endingAll: &tallies, at: now())
            let tally = AuditTally(AuditRecord(kind: kind, at: now(), userAgent: userAgent, processID: processID))
            tallies[kind] = tally
            return (tally, true, ended)
        }
        for record in ended { queue.yield(record) }
        if isFirst { queue.yield(tally.record) }
        return tally
    }

    /// The window is over: writes what has come again, and forgets the kinds that have not.
    func endWindow() {
        let now = now()
        let start = windowStart.withLock { start in
            defer { start = now }
            return start
        }
        let summaries = tallies.withLock { tallies in
            var summaries: [AuditRecord] = []
            for (kind, tally) in tallies {
                let count = tally.take()
                if count == 0 {
                    tallies[kind] = nil
                } else {
                    summaries.append(tally.summary(of: count, since: start, at: now))
                }
            }
            return summaries
        }
        for record in summaries { queue.yield(record) }
    }

    private static func summaries(
        endingAll tallies: inout [AuditKind: AuditTally], at now: Date
    ) -> [AuditRecord] {
        defer { tallies.removeAll() }
        return tallies.values.compactMap { tally in
            let count = tally.take()
            // Ends it, whatever comes in between: only 0 does.
            var more = count
            var sum = count
            while more > 0 {
                more = tally.take()
                sum += more
            }
            return sum == 0 ? nil : tally.summary(of: sum, since: tally.record.at, at: now)
        }
    }

    /// Opens the file anew, for programs that rotate it.
    func reopen() { sink.reopen() }

    /// Writes what is counted and no more after that.
    func finish() {
        endWindow()
        queue.finish()
    }

    /// Writes lines until ``finish()``.
    func writeLines() async {
        for await record in lines { sink.write(record) }
    }
}

extension AuditTally {
    /// - Parameter since: from when on it was counted, unless the kind is newer.
    fileprivate func summary(of count: Int, since: Date, at now: Date) -> AuditRecord {
        var record = AuditRecord(kind: kind, at: now, userAgent: record.userAgent, processID: record.processID)
        record.count = count
        record.since = max(since, self.record.at)
        return record
    }
}

/// Runs the audit: writes its lines, and ends its windows. It must be the last to stop, so that what others record while they stop
/// is written.
struct AuditService<Sleeper: Clock>: Service where Sleeper.Duration == Duration {
    let log: AuditLog
    let window: Duration
    let clock: Sleeper

    func run() async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { while (try? await clock.sleep(for: window)) != nil { log.endWindow() } }
                await log.writeLines()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            log.finish()
        }
    }
}
