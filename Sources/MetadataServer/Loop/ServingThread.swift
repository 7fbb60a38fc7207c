import CallerIdentity
import Glibc
import NIOCore

/// What a ``ServingLoop``'s thread does: waits for sockets, messages and the time, and acts on each in turn. No other thread sees it, and
/// nothing here waits for another process, but for the kernel's answer about a caller.
///
/// Fairness: in each turn of the loop a connection has one read, of at most 4 KiB, which an SDK's request fits in, and one answer; and a turn
/// has at most 64 events and 64 requests that came behind others. So a flood of pipelined requests costs the others no more than as many
/// connections with one, and a turn, after which whoever has just asked is answered, takes two milliseconds or so.
final class ServingThread {
    /// What a descriptor is.
    enum Slot {
        case free, mailbox
        case listening(Listening)
        case connection(OpenConnection)
    }

    /// The time is looked after so often at most, as all connections are looked at then.
    private static let sweepInterval = TimeAmount.milliseconds(20)
    static let mailboxToken = UInt64.max
    static let readLength = 4096
    private static let mostQueuedInATurn = 64

    let mailbox: LoopMailbox
    var epoll: Epoll
    /// By descriptor.
    var slots: [Slot] = []
    /// Listeners that accept no more, but have connections.
    var closing: [Listening] = []
    /// Connections that have sent more requests than one, in the order in which they have their turns.
    var unfinished: [UInt64] = []
    private var lastNumber: UInt32 = 0
    /// Nothing has to be looked after before.
    private var nextSweep = NIODeadline.distantFuture
    private var isStopping = false
    /// Where all reads go.
    var input = ByteBuffer()
    /// Lent to the connection that answers.
    var spareOutput = ByteBuffer()

    /// - Parameter epoll: watches the mailbox, as ``mailboxToken``.
    init(mailbox: LoopMailbox, epoll: Epoll) {
        self.mailbox = mailbox
        self.epoll = epoll
    }

    /// Returns when it has been told to stop, and everything is closed.
    func run() {
        set(.mailbox, at: mailbox.descriptor)
        while !isStopping { turn() }
        closeAll()
        epoll.close()
    }

    /// Waits, unless there is something to go on with, and does what has come, as far as a turn goes.
    func turn() {
        let count = epoll.wait(milliseconds: unfinished.isEmpty ? millisecondsToSweep : 0)
        let queued = unfinished.prefix(Self.mostQueuedInATurn)
        unfinished.removeFirst(queued.count)
        for index in 0..<count { handle(epoll[index]) }
        for token in queued { connection(token).map(proceed) }
        if nextSweep <= .now() { sweep() }
    }

    func set(_ slot: Slot, at descriptor: CInt) {
        let index = Int(descriptor)
        while slots.count <= index { slots.append(.free) }
        slots[index] = slot
    }

    /// Tells a descriptor from all others, before and after, that have its number: their events may still come.
    func makeToken(for descriptor: CInt) -> UInt64 {
        lastNumber &+= 1
        return UInt64(lastNumber) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }

    /// The time must be looked after at `deadline`, if not before.
    func note(_ deadline: NIODeadline) {
        if deadline < nextSweep { nextSweep = deadline }
    }

    func listening(on socket: ListeningSocket) -> Listening? {
        for case .listening(let listening) in slots where listening.socket === socket { return listening }
        return closing.first { $0.socket === socket }
    }

    func connections(of listening: Listening) -> [OpenConnection] {
        slots.compactMap { slot in
            if case .connection(let connection) = slot, connection.listening === listening { connection } else { nil }
        }
    }

    func connection(_ token: UInt64) -> OpenConnection? {
        let index = Int(UInt32(truncatingIfNeeded: token))
        guard index < slots.count, case .connection(let connection) = slots[index], connection.token == token
        else { return nil }
        return connection
    }

    private var millisecondsToSweep: CInt {
        guard nextSweep != .distantFuture else { return -1 }
        let rest = (nextSweep - .now()).nanoseconds
        return CInt(clamping: max(0, (rest + 999_999) / 1_000_000))
    }

    private func handle(_ event: Epoll.Event) {
        guard event.token != Self.mailboxToken else { return takeMessages() }
        let index = Int(UInt32(truncatingIfNeeded: event.token))
        guard index < slots.count else { return }
        switch slots[index] {
        case .connection(let connection) where connection.token == event.token: handle(event, of: connection)
        case .listening(let listening) where listening.token == event.token: accept(from: listening)
        case .free, .mailbox, .listening, .connection: break
        }
    }

    private func takeMessages() {
        for message in mailbox.take() {
            switch message {
            case .listen(let socket, let listener): listen(on: socket, for: listener)
            case .close(let socket, let limit, let then): close(socket, within: limit, then: then)
            case .cutOff(let socket): listening(on: socket).map(cutOff)
            case .attemptEnded(let token, let number):
                connection(token).map { connection in tell(connection) { $0.attemptEnded(number) } }
            case .observed(let token, let caller): connection(token).map { lookedUp($0, caller) }
            case .stop: isStopping = true
            }
        }
    }

    /// Looks after everything whose time has come, and finds out when that is to be done again.
    private func sweep() {
        let now = NIODeadline.now()
        nextSweep = .distantFuture
        var earliest = NIODeadline.distantFuture
        for index in slots.indices {
            switch slots[index] {
            case .connection(let connection):
                if connection.deadline <= now { timePassed(for: connection) }
                earliest = min(earliest, connection.deadline)
            case .listening(let listening):
                if listening.deadline <= now { resume(listening) }
                earliest = min(earliest, listening.deadline)
            case .free, .mailbox: break
            }
        }
        for listening in closing where listening.deadline <= now { cutOff(listening) }
        earliest = min(earliest, closing.map(\.deadline).min() ?? .distantFuture)
        note(max(earliest, now + Self.sweepInterval))
    }

    private func closeAll() {
        for slot in slots {
            switch slot {
            case .connection(let connection): close(connection)
            case .listening(let listening): listening.socket.close()
            case .free, .mailbox: break
            }
        }
    }
}
