import Glibc

/// The processes that hold the client's end of a connection. Each costs a descriptor for as long as the connection lives, and
/// system calls at each request, so there may not be many.
struct SocketHolders {
    /// Our own choice: 2048 connections (`limits.connections_per_user`) with so many each take half of the unit's `LimitNOFILE`,
    /// 65536; what forks workers that share one connection with the endpoint needs far fewer.
    static let most = 16

    /// What came of looking at one process.
    enum Look {
        case holds(CallerProcess)
        /// It doesn't, it has ended, or it is not for the daemon to see.
        case passed
        /// Nobody can tell whether it does.
        case failed
    }

    /// At most ``most``.
    private(set) var processes: [CallerProcess] = []
    /// Why ``processes`` may not be all of them.
    private(set) var fault: UnknownCaller?

    /// One that the kernel has named, or nobody.
    init(_ process: CallerProcess?) {
        processes = process.map { [$0] } ?? []
    }

    /// Those of `processIDs` that `look` finds; it ends at the first fault.
    init(among processIDs: [Int32], looking look: (Int32) -> Look) {
        for processID in processIDs {
            switch look(processID) {
            case .passed: continue
            case .holds(let process) where processes.count < Self.most: processes.append(process)
            case .holds: fault = .tooManyProcesses
            case .failed: fault = .processUnseen
            }
            if fault != nil { return }
        }
    }
}

extension SocketHolders.Look {
    /// Whether the process holds the socket with that inode. Only those of `user` are looked into, and those that hide their
    /// descriptors behind root.
    static func at(_ processID: Int32, socket inode: UInt64, user: UInt32) -> SocketHolders.Look {
        do throws(ProcError) {
            let process = try CallerProcess(opening: processID)
            guard let owner = process.owner, owner == user || owner == 0, try process.holds(socket: inode) else {
                return .passed
            }
            return .holds(process)
        } catch {
            return after(error)
        }
    }

    /// An unprivileged daemon may not look into processes with more rights than its own: those are passed over, as `hidepid`
    /// (proc(5)) has it too. What fails for want of descriptors or memory may be any process.
    static func after(_ error: ProcError) -> SocketHolders.Look {
        switch error.number {
        case ENOENT, ESRCH, EACCES, EPERM: .passed
        default: .failed
        }
    }
}

enum RunningProcesses {
    static func all() -> [Int32] {
        guard let entries = opendir("/proc") else { return [] }
        defer { closedir(entries) }
        var processes: [Int32] = []
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let processID = Int32(name) { processes.append(processID) }
        }
        return processes
    }
}
