/// Why nobody can be named as the other end of a connection. Whatever the reason, the caller gets nothing.
package enum UnknownCaller: Error, Sendable, Hashable, CustomStringConvertible {
    /// The peer's address is neither loopback nor the one it connected to. A rule may be about that address.
    case notThisMachine(IPAddress)
    /// The peer has closed its socket already.
    case noSuchSocket
    /// The peer's socket is there, but no process owns it (TIME_WAIT, orphaned) or it is not a connected one.
    case notOwned
    /// What the kernel described is not the socket that was asked for.
    case mismatchedAnswer
    /// The kernel named nobody: uid 4294967295.
    case noUser
    /// The process that a rule would ask about has ended, or can't be found.
    case processGone
    /// More processes hold the peer's socket than are looked at for each answer.
    case tooManyProcesses
    /// Whether a process holds the peer's socket could not be found out, for want of descriptors for instance.
    case processUnseen
    /// What rules ask about the caller could not be looked up in time.
    case lookedUpTooLate
    /// A rule that is newer than the connection asks what nobody has looked up for it.
    case notObserved
    /// No usable answer from netlink, /proc or getsockopt(2).
    case kernelDidNotAnswer
    /// Neither TCP nor a Unix stream socket.
    case unsupportedTransport

    /// A constant phrase for logs.
    package var description: String {
        switch self {
        case .notThisMachine: "the peer is not on this machine"
        case .noSuchSocket: "the peer's socket is gone"
        case .notOwned: "no process owns the peer's socket"
        case .mismatchedAnswer: "the kernel described another socket"
        case .noUser: "the kernel knows no user for the peer"
        case .processGone: "the process has ended or can't be seen"
        case .tooManyProcesses: "more than \(SocketHolders.most) processes hold the peer's socket"
        case .processUnseen: "a process that may hold the peer's socket can't be looked at"
        case .lookedUpTooLate: "what rules ask about the caller could not be looked up in time"
        case .notObserved: "the rules ask more since the connection was made"
        case .kernelDidNotAnswer: "the kernel did not answer"
        case .unsupportedTransport: "the connection is neither TCP nor a Unix socket"
        }
    }
}
