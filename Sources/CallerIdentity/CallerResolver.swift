// CallerIdentity: which local user is on the other end of an accepted connection.
//
// Promised
//   * A `Caller` is only returned when the kernel named the owner of exactly the other end of this connection: the
//     peer credentials of a Unix socket, or the socket whose 4-tuple mirrors ours. Everything else is an
//     `UnknownCaller`, and an unknown caller is no caller: deny it.
//   * Sockets that no process owns any more (TIME_WAIT, orphaned) are unknown. The kernel reports uid 0 for those, and
//     they are never taken for root's. The same holds for uid 4294967295, "no user".
//   * Only connections from this machine are resolved to a user: the peer's address is a loopback address or the very
//     address it connected to. Nobody else's word (header, ident, name) is taken. Of others, nothing but the address is known.
//
// Not promised
//   * The user is the one who created the socket (TCP) or called connect(2) (Unix). A process may hand a connected
//     descriptor to another, or run a program for somebody else: a proxy, a container engine's port forwarder or a
//     set-uid program answers for itself, not for those behind it.
//   * Where a rule asks about processes, those are asked that hold the other end when the connection is accepted (TCP), or
//     the one that called connect(2) (Unix), and all must fit. Each is held by its directory in /proc and asked anew at each
//     answer: a number that has passed on to another process lets nobody in, a process that has ended is nobody, and one that
//     runs another program is no program that a rule could name. Which file the program is, is asked once, at the beginning;
//     later, whether /proc still calls it the same, in the same mount namespace. A process that gets the descriptor later is not seen. Before Linux 6.5 the number
//     could pass on between connect(2) on a Unix socket and accept(2), to another process of any user: then only the rule's
//     other conditions protect.
//   * Processes of one user can debug each other, and so speak for each other. A rule about a program keeps that user's other
//     programs from getting credentials by mistake, not that user from getting them on purpose.
//   * An address is no proof of who uses it. On a bridge, a container that may send raw packets can take a neighbour's; and
//     who routes packets to this machine can send from any, though the answers go where the routing table says.
//   * User ids are those of the daemon's user namespace. Users that it cannot see appear as the overflow uid (65534).

/// Resolves accepted connections to local users. One value serves all threads and is meant to live long: it keeps
/// its netlink sockets open, at most one for each thread that has asked at the same time.
package struct CallerResolver: Sendable {
    private let diagnostics = DiagnosticSocketPool()
    let lookUps = LookUpQueue()

    package init() {}

    /// Who is on the other end of `socket`, which must be open.
    ///
    /// Ask once per connection, as early as possible. The kernel is asked synchronously, without a dump and without touching the
    /// network: about 3 µs for a Unix socket, 10 µs for TCP.
    package func caller(of socket: AcceptedSocket) -> Result<Caller, UnknownCaller> {
        if let connection = socket.connection { caller(of: connection) } else { UnixPeerCredentials.caller(of: socket) }
    }

    func caller(of connection: TCPConnection) -> Result<Caller, UnknownCaller> {
        guard connection.isWithinThisMachine else { return .failure(.notThisMachine(connection.client.address)) }
        return owner(of: connection).map { Caller(userID: $0, groupID: nil, processID: nil) }
    }

    /// Netlink's answer is final unless netlink cannot see TCP at all; then /proc is read.
    private func owner(of connection: TCPConnection) -> Result<UInt32, UnknownCaller> {
        switch diagnostics.record(of: connection) {
        case .found(let record): record.owner(expecting: connection)
        case .noSuchSocket: seesTCP(provenBy: connection) ? .failure(.noSuchSocket) : ProcNetTCP.owner(of: connection)
        case .unavailable: ProcNetTCP.owner(of: connection)
        case .unreliable: .failure(.kernelDidNotAnswer)
        }
    }

    /// The inode of the client's socket, if it is still that user's.
    func inode(of connection: TCPConnection, user: UInt32) -> UInt64? {
        var record: SocketRecord?
        if case .found(let found) = diagnostics.record(of: connection) { record = found }
        record = record ?? ProcNetTCP.record(of: connection)
        guard let record, case .success(user) = record.owner(expecting: connection) else { return nil }
        return record.inode
    }

    /// A kernel without `tcp_diag` says "no such socket" (ENOENT) of every socket. So, before that is believed, it must
    /// find the end of the connection that certainly exists: ours.
    private func seesTCP(provenBy connection: TCPConnection) -> Bool {
        if case .found = diagnostics.record(of: connection.reversed) { true } else { false }
    }
}
