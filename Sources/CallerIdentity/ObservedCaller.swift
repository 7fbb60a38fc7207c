/// The caller of one connection, with the processes that hold its other end if some rule asks about them.
package struct ObservedCaller: Sendable {
    private let caller: Result<Caller, UnknownCaller>
    /// `nil` if nobody has looked for them; a failure if they are not all known.
    private let processes: Result<[ObservedProcess], UnknownCaller>?
    /// One of the processes at the other end, as it was when it connected; `nil` if nobody has looked or it can't be seen. For
    /// records: nothing is decided by it.
    package let noted: ProcessFacts?

    package init(_ caller: Result<Caller, UnknownCaller>) {
        self.caller = caller
        processes = nil
        noted = nil
    }

    init(_ caller: Caller, processes: Result<[ObservedProcess], UnknownCaller>?, noted: ProcessFacts?) {
        self.caller = .success(caller)
        self.processes = processes
        self.noted = noted
    }

    /// Where the connection comes from, as far as that is known; it stays the same for as long as the connection lives.
    package var origin: CallerOrigin? { caller.origin }

    /// The process that connected, for records; known for Unix sockets, or where somebody has looked.
    package var processID: Int32? { (try? caller.get())?.processID ?? noted?.processID }

    /// Who it is at this moment: a process that has run another program since is no program that a rule could name, and one that has
    /// ended is nobody, also if another process has its number by now. Never waits for anything but /proc.
    package func current() -> Result<Caller, UnknownCaller> {
        guard let processes, case .success(var current) = caller else { return caller }
        switch processes {
        case .failure(let reason): return .failure(reason)
        case .success(let processes):
            let facts = processes.compactMap { $0.facts() }
            guard !facts.isEmpty else { return .failure(.processGone) }
            current.processes = facts
            return .success(current)
        }
    }
}

/// What rules ask about a caller beside the user.
package struct CallerDetail: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The groups that the user is a member of.
    package static let groups = CallerDetail(rawValue: 1)
    /// The processes at the other end.
    package static let processes = CallerDetail(rawValue: 2)
}

/// Of whose connections the process at the other end is looked up for records, although no rule asks about it.
package enum ProcessNoting: Sendable {
    case nobody
    /// Those of Unix sockets, where the kernel names the process.
    case unixSockets
    /// All: for TCP, the descriptors of all the user's processes are read at each connection.
    case everybody

    func includes(_ caller: Caller) -> Bool {
        switch self {
        case .nobody: false
        case .unixSockets: caller.processID != nil
        case .everybody: true
        }
    }
}
