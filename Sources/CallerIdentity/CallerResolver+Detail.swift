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
            let holders =
                if wantsProcesses, let processID = caller.processID {
                    SocketHolders(CallerProcess(processID: processID, provenBy: proof))
                } else {
                    connection.map { holders(of: $0, user: caller.userID) } ?? SocketHolders(nil)
                }
            then(caller.observed(detail, holders, isNoted: isNoted))
        }
    }

    /// Whether ``observe(_:of:detail:noting:then:)`` would look for anything.
    package func mustObserve(
        _ result: Result<Caller, UnknownCaller>, detail: CallerDetail, noting: ProcessNoting
    ) -> Bool {
        guard case .success(let caller) = result else { return false }
        return !detail.isEmpty || noting.includes(caller)
    }

    private func holders(of connection: TCPConnection, user: UInt32) -> SocketHolders {
        guard let inode = inode(of: connection, user: user) else { return SocketHolders(nil) }
        return SocketHolders(among: RunningProcesses.all()) { .at($0, socket: inode, user: user) }
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
    /// - Parameter holders: decide only if `detail` asks for them.
    fileprivate func observed(_ detail: CallerDetail, _ holders: SocketHolders, isNoted: Bool) -> ObservedCaller {
        var caller = self
        if detail.contains(.groups) { caller.groups = UserGroups.ofUser(userID) }
        return ObservedCaller(
            caller, processes: detail.contains(.processes) ? holders.all : nil,
            noted: isNoted ? holders.processes.first?.facts() : nil)
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
