import Glibc
import Synchronization

/// The listening sockets that a service manager has bound for this process (sd_listen_fds(3)): descriptor 3 and up, `LISTEN_FDS` of
/// them, meant for the process `LISTEN_PID`.
///
/// Each is found by the address it is bound to, so that a configuration reads the same with and without systemd. Taking one
/// hands over its descriptor; what nobody takes stays open, and is the service manager's to serve later.
package final class PassedSockets: Sendable {
    private let waiting: Mutex<[PassedSocket]>

    /// What `environment` says was passed to process `processID`; none if it was meant for another one, such as a parent. Descriptors
    /// are closed on exec from here on.
    package init(environment: [String: String], processID: Int32 = getpid()) throws(PassedSocketFault) {
        guard let text = environment["LISTEN_FDS"], environment["LISTEN_PID"] == "\(processID)" else {
            waiting = Mutex([])
            return
        }
        guard let count = Int32(text), (0...Self.most).contains(count) else {
            throw PassedSocketFault(
                descriptor: nil, reason: "LISTEN_FDS is \"\(text)\", not a number up to \(Self.most)")
        }
        let names = environment["LISTEN_FDNAMES"]?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        var sockets: [PassedSocket] = []
        for offset in 0..<count {
            let name = Int(offset) < names.count ? String(names[Int(offset)]) : "unknown"
            sockets.append(try PassedSocket(descriptor: Self.first + offset, name: name))
        }
        waiting = Mutex(sockets)
    }

    package init(_ sockets: [PassedSocket]) {
        waiting = Mutex(sockets)
    }

    /// The socket that is bound there, once; `nil` if none was passed.
    package func take(_ address: PassedSocket.Address) -> PassedSocket? {
        waiting.withLock { sockets in
            sockets.firstIndex { $0.address == address }.map { sockets.remove(at: $0) }
        }
    }

    /// Those that nobody has taken.
    package var left: [PassedSocket] { waiting.withLock { $0 } }

    /// `SD_LISTEN_FDS_START`.
    private static let first: Int32 = 3
    /// Far more than any unit has sockets.
    private static let most: Int32 = 1024
}

/// Why what was passed can't be used.
package struct PassedSocketFault: Error, Equatable, CustomStringConvertible {
    package let descriptor: Int32?
    package let reason: String

    package var description: String {
        let which = descriptor.map { "socket \($0)" } ?? "the sockets"
        return "\(which) passed by the service manager: \(reason)"
    }
}
