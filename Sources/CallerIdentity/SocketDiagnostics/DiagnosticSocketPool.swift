import Synchronization

/// Netlink sockets that are kept open, because opening one per connection costs more than the question itself.
///
/// A thread takes a socket out, asks and puts it back: no two questions share a socket at a time, and no lock is held
/// while the kernel is asked. There are never more sockets than threads that asked at once.
final class DiagnosticSocketPool: Sendable {
    private let idle = Mutex<[DiagnosticSocket]>([])

    deinit {
        idle.withLock { sockets in sockets.forEach { $0.close() } }
    }

    /// What the kernel knows about the client's socket of `connection`.
    func record(of connection: TCPConnection) -> DiagnosticAnswer {
        guard var socket = idle.withLock({ $0.popLast() }) ?? DiagnosticSocket() else { return .unavailable }
        let answer = socket.record(of: connection)
        switch answer {
        case .found, .noSuchSocket: idle.withLock { [socket] in $0.append(socket) }
        case .unavailable, .unreliable: socket.close()
        }
        return answer
    }
}

/// The kernel's answer about one socket.
enum DiagnosticAnswer: Equatable {
    case found(SocketRecord)
    case noSuchSocket
    /// Netlink's socket diagnosis does not exist here or is forbidden: another source may be asked.
    case unavailable
    /// It exists, but its answer got lost or makes no sense: nothing may be concluded.
    case unreliable
}
