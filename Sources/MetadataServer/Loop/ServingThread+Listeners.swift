import CLinux
import CallerIdentity
import Glibc
import NIOCore

/// Accepting, and the end of it.
extension ServingThread {
    /// Connections that are accepted at a time, before those that are open have their turn.
    private static let acceptsAtOnce = 16
    /// When accept(2) fails, for want of descriptors or memory for instance, the connection that waits keeps the listening socket
    /// readable: to try again at once would take a whole processor.
    private static let pause = TimeAmount.seconds(1)
    /// Those of accept(2) that are about one connection, which is gone then.
    private static let connectionErrors: Set<CInt> = [
        EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
        ENETUNREACH,
    ]

    func listen(on socket: ListeningSocket, for listener: MetadataListener) {
        let listening = Listening(socket: socket, token: makeToken(for: socket.descriptor), listener: listener)
        set(.listening(listening), at: socket.descriptor)
        if !epoll.add(socket.descriptor, .reading, token: listening.token) { pause(listening) }
    }

    func accept(from listening: Listening) {
        for _ in 0..<Self.acceptsAtOnce {
            let (descriptor, client) = socketAddress { address, length in
                accept4(
                    listening.socket.descriptor, address, length, CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            }
            if descriptor >= 0 {
                open(descriptor, from: client, of: listening)
            } else if errno == EAGAIN {
                return
            } else if !Self.connectionErrors.contains(errno) {
                return pause(listening)
            }
        }
    }

    private func pause(_ listening: Listening) {
        let end = NIODeadline.now() + Self.pause
        listening.pausedUntil = end
        epoll.remove(listening.socket.descriptor)
        note(end)
    }

    /// Accepts again.
    func resume(_ listening: Listening) {
        listening.pausedUntil = nil
        if !epoll.add(listening.socket.descriptor, .reading, token: listening.token) { pause(listening) }
    }

    private func open(_ descriptor: CInt, from client: Endpoint?, of listening: Listening) {
        let server = listening.socket.isUnix ? nil : listening.socket.endpoint ?? ListeningSocket.ownEnd(of: descriptor)
        // A client that is gone already has no address.
        guard listening.socket.isUnix || client != nil && server != nil else {
            Glibc.close(descriptor)
            return
        }
        let socket = AcceptedSocket(
            descriptor: descriptor,
            connection: client.flatMap { client in server.map { TCPConnection(client: client, server: $0) } })
        let (origin, welcome) = listening.listener.welcome(socket)
        let connection = OpenConnection(
            descriptor: descriptor, token: makeToken(for: descriptor), listening: listening, countedFor: origin,
            endpoint: server)
        listening.openCount += 1
        set(.connection(connection), at: descriptor)
        switch welcome {
        case .dropped: close(connection)
        case .served(let caller, let refusal): begin(connection, caller, refusal: refusal)
        case .observed(let caller, let detail): lookUp(caller, of: socket, detail: detail, for: connection)
        }
    }

    func close(_ socket: ListeningSocket, within limit: Duration, then: @escaping @Sendable () -> Void) {
        guard let listening = listening(on: socket) else { return then() }
        if listening.closing == nil {
            set(.free, at: socket.descriptor)
            // The service manager has a descriptor of a passed socket too, so closing ours doesn't end the watch.
            epoll.remove(socket.descriptor)
            socket.close()
            closing.append(listening)
        }
        let end = NIODeadline.now() + TimeAmount(limit)
        listening.close(by: end, then: then)
        note(end)
        for connection in connections(of: listening) { tell(connection) { $0.drain() } }
        endIfAllAreClosed(listening)
    }

    func cutOff(_ listening: Listening) {
        listening.cutOffHasPassed()
        for connection in connections(of: listening) { close(connection) }
    }

    func endIfAllAreClosed(_ listening: Listening) {
        guard listening.closing != nil, listening.openCount == 0 else { return }
        closing.removeAll { $0 === listening }
        listening.allAreClosed()
    }
}
