import NIOCore
import NIOPosix
import Synchronization

/// Look-ups wait in a line for each user, in their order, and one of each line is on its way at a time. So a user who causes many,
/// or one that doesn't end, delays no other: each takes one thread of the pool at most.
final class LookUpQueue: Sendable {
    /// - Parameter isInTime: whether to look; otherwise nobody waits for the answer any more.
    typealias Work = @Sendable (_ isInTime: Bool) -> Void

    private struct Waiting: Sendable {
        let end: NIODeadline
        let work: Work
    }

    private let pool: NIOThreadPool
    /// Behind the one that is on its way. A user without one has no line.
    private let lines = Mutex<[UInt32: CircularBuffer<Waiting>]>([:])

    /// - Parameter pool: runs the look-ups; it must be running.
    init(pool: NIOThreadPool = .singleton) {
        self.pool = pool
    }

    /// Has `work` called once, on a thread of the pool. If that doesn't begin before `end`, it is told so, perhaps by a later call of
    /// this on that call's thread. So a line never has more than what was submitted within the time that one may wait.
    func submit(for user: UInt32, by end: NIODeadline, _ work: @escaping Work) {
        let (waiting, now) = (Waiting(end: end, work: work), NIODeadline.now())
        let (isFirst, late) = lines.withLock { lines -> (Bool, [Waiting]) in
            guard var line = lines.updateValue([], forKey: user) else { return (true, []) }
            var late: [Waiting] = []
            while let first = line.first, first.end <= now { late.append(line.removeFirst()) }
            line.append(waiting)
            lines[user] = line
            return (false, late)
        }
        for waiting in late { waiting.work(false) }
        if isFirst { run(waiting, of: user) }
    }

    private func run(_ waiting: Waiting, of user: UInt32) {
        pool.submit { state in
            waiting.work(state == .active && waiting.end > .now())
            // Behind those of other users that wait for a thread.
            if let next = self.next(of: user) { self.run(next, of: user) }
        }
    }

    /// Ends the line if nobody waits in it.
    private func next(of user: UInt32) -> Waiting? {
        lines.withLock { lines in
            guard let next = lines[user]?.popFirst() else {
                lines[user] = nil
                return nil
            }
            return next
        }
    }
}
