import Glibc

/// What is to be found out about the caller of one connection.
struct LookUp: Sendable {
    private let caller: Caller
    private let detail: CallerDetail
    private let isNoted: Bool
    private let proof: UnixPeerCredentials.ProcessProof
    /// `nil` if no processes are to be looked for by their descriptors.
    private let connection: TCPConnection?

    /// Asks what must be asked while the descriptor is certainly this connection's. Then either ``run(by:)`` or ``abandon()`` must be
    /// called, once.
    init(_ caller: Caller, of socket: AcceptedSocket, detail: CallerDetail, isNoted: Bool) {
        self.caller = caller
        self.detail = detail
        self.isNoted = isNoted
        let wantsProcesses = detail.contains(.processes) || isNoted
        connection = wantsProcesses ? socket.connection : nil
        proof = wantsProcesses && caller.processID != nil ? UnixPeerCredentials.processProof(of: socket) : .unknown
    }

    /// Reads the user database, or the descriptors of all the user's processes, and looks at their programs' files: it may take
    /// milliseconds, or as long as a directory or file server does.
    func run(by resolver: CallerResolver) -> ObservedCaller {
        var caller = self.caller
        if detail.contains(.groups) { caller.groups = UserGroups.ofUser(caller.userID) }
        guard detail.contains(.processes) || isNoted else { return ObservedCaller(caller, processes: nil, noted: nil) }
        let found = holders(by: resolver)
        guard detail.contains(.processes) else {
            return ObservedCaller(caller, processes: nil, noted: found.processes.first?.facts())
        }
        let processes = found.processes.compactMap(ObservedProcess.init)
        let known: Result<[ObservedProcess], UnknownCaller> =
            if let fault = found.fault { .failure(fault) } else { .success(processes) }
        return ObservedCaller(caller, processes: known, noted: isNoted ? processes.first?.facts() : nil)
    }

    /// Nobody waits for it any more.
    func abandon() -> ObservedCaller {
        if case .descriptor(let descriptor) = proof { close(descriptor) }
        return ObservedCaller(caller, processes: .failure(.lookedUpTooLate), noted: nil)
    }

    private func holders(by resolver: CallerResolver) -> SocketHolders {
        if let processID = caller.processID {
            return SocketHolders(CallerProcess(processID: processID, provenBy: proof))
        }
        guard let connection, let inode = resolver.inode(of: connection, user: caller.userID) else {
            return SocketHolders(nil)
        }
        return SocketHolders(among: RunningProcesses.all()) { .at($0, socket: inode, user: caller.userID) }
    }
}

extension CallerProcess {
    /// The process that called connect(2) on a Unix socket: if the kernel gives a descriptor of it (Linux 6.5), it must still
    /// run after its directory was opened, so the number can't have passed on to another in between.
    fileprivate convenience init?(processID: Int32, provenBy proof: UnixPeerCredentials.ProcessProof) {
        switch proof {
        case .gone: return nil
        case .unknown: self.init(processID: processID)
        case .descriptor(let descriptor):
            defer { close(descriptor) }
            self.init(processID: processID)
            var ended = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ended, 1, 0) == 0 else { return nil }
        }
    }
}
