import Glibc
import NIOPosix

extension CallerResolver {
    /// Finds out what `detail` asks, once per connection. It may take milliseconds (reading the user database, or the
    /// descriptors of all the user's processes), so it happens on a thread of its own, where `then` is called, once. What can't be
    /// found out is left out.
    /// - Parameter noting: whose process is looked up for records too.
    package func observe(
        _ result: Result<Caller, UnknownCaller>, of socket: AcceptedSocket, detail: CallerDetail,
        noting: ProcessNoting = .nobody, then: @escaping @Sendable (ObservedCaller) -> Void
    ) {
        guard case .success(let caller) = result, mustObserve(result, detail: detail, noting: noting) else {
            return then(ObservedCaller(result))
        }
        let isNoted = noting.includes(caller)
        let wantsProcesses = detail.contains(.processes) || isNoted
        // While the descriptor is certainly this connection's.
        let proof =
            wantsProcesses && caller.processID != nil ? UnixPeerCredentials.processProof(of: socket) : .unknown
        let connection = wantsProcesses ? socket.connection : nil
        NIOThreadPool.singleton.submit { state in
            guard state == .active else {
                if case .descriptor(let descriptor) = proof { close(descriptor) }
                return then(ObservedCaller(result))
            }
            let processes =
                if wantsProcesses, let processID = caller.processID {
                    CallerProcess(processID: processID, provenBy: proof).map { [$0] } ?? []
                } else {
                    connection.map { holders(of: $0, user: caller.userID) } ?? []
                }
            then(caller.observed(detail, processes, isNoted: isNoted))
        }
    }

    /// Whether ``observe(_:of:detail:noting:then:)`` would look for anything.
    package func mustObserve(
        _ result: Result<Caller, UnknownCaller>, detail: CallerDetail, noting: ProcessNoting
    ) -> Bool {
        guard case .success(let caller) = result else { return false }
        return !detail.isEmpty || noting.includes(caller)
    }

    /// The processes that hold the client's socket: those of its user, and those that hide their descriptors behind root.
    private func holders(of connection: TCPConnection, user: UInt32) -> [CallerProcess] {
        guard let inode = inode(of: connection, user: user) else { return [] }
        return RunningProcesses.all().compactMap { processID in
            guard let process = CallerProcess(processID: processID), let owner = process.owner,
                owner == user || owner == 0, process.holds(socket: inode) == true
            else { return nil }
            return process
        }
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

extension Caller {
    /// - Parameter processes: decide only if `detail` asks for them.
    fileprivate func observed(_ detail: CallerDetail, _ processes: [CallerProcess], isNoted: Bool) -> ObservedCaller {
        var caller = self
        if detail.contains(.groups) { caller.groups = UserGroups.ofUser(userID) }
        return ObservedCaller(
            caller, processes: detail.contains(.processes) ? processes : nil,
            noted: isNoted ? processes.first?.facts() : nil)
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
