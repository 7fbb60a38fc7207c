/// A connection as the *client's* socket sees it: its own end is our peer, its remote end is us.
package struct TCPConnection: Sendable, Hashable {
    package let client: Endpoint
    package let server: Endpoint

    package init(client: Endpoint, server: Endpoint) {
        self.client = client
        self.server = server
    }

    /// Loopback, or an address of ours connecting to itself (so that 169.254.170.2 on `lo` works). Linux drops packets
    /// from outside that claim either (ip-sysctl: `accept_local`, `route_localnet`), and the owner lookup would fail.
    var isWithinThisMachine: Bool {
        client.address.isLoopback || client.address == server.address
    }

    /// The same connection as our accepted socket sees it.
    var reversed: TCPConnection { TCPConnection(client: server, server: client) }
}

/// What the kernel tells about one TCP socket, over netlink or in /proc.
struct SocketRecord: Sendable, Equatable {
    let own: Endpoint
    let remote: Endpoint
    /// A value of the kernel's `tcp_states` (include/net/tcp_states.h).
    let state: UInt8
    let userID: UInt32
    /// Zero when no process holds the socket.
    let inode: UInt64

    /// The user who owns this socket, provided that it is the client's end of `connection`, connected and held by a
    /// process. Without a process the kernel says uid 0, hence the order of the checks.
    func owner(expecting connection: TCPConnection) -> Result<UInt32, UnknownCaller> {
        guard own == connection.client, remote == connection.server else { return .failure(.mismatchedAnswer) }
        guard Self.connectedStates.contains(state), inode != 0 else { return .failure(.notOwned) }
        guard userID != Caller.noUser else { return .failure(.noUser) }
        return .success(userID)
    }

    /// ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, LAST_ACK, CLOSING: a process may still hold the socket in each,
    /// having shut down at most one direction of it. Not SYN_SENT, SYN_RECV, TIME_WAIT, CLOSE, LISTEN.
    private static let connectedStates: Set<UInt8> = [1, 4, 5, 8, 9, 11]
}
