import Glibc

/// `struct ucred` of unix(7), which Glibc's module hides behind `_GNU_SOURCE`.
struct UnixPeerCredentials: Sendable, BitwiseCopyable {
    let processID: Int32
    let userID: UInt32
    let groupID: UInt32

    /// The credentials that the peer had when it called connect(2).
    static func caller(of socket: AcceptedSocket) -> Result<Caller, UnknownCaller> {
        let nobody = UnixPeerCredentials(processID: 0, userID: Caller.noUser, groupID: Caller.noUser)
        return socket.socketOption(SO_PEERCRED, nobody)?.caller ?? .failure(.kernelDidNotAnswer)
    }

    /// What the kernel has as proof that the process that called connect(2) still has its number.
    enum ProcessProof {
        /// A descriptor of it, to be closed by who asks.
        case descriptor(CInt)
        /// Before Linux 6.5 there is none.
        case unknown
        /// There is no such process any more.
        case gone
    }

    static func processProof(of socket: AcceptedSocket) -> ProcessProof {
        let peerProcess: CInt = 77  // SO_PEERPIDFD, asm-generic/socket.h
        if let descriptor = socket.socketOption(peerProcess, CInt(-1)) { return .descriptor(descriptor) }
        return errno == ENOPROTOOPT ? .unknown : .gone
    }

    var caller: Result<Caller, UnknownCaller> {
        guard userID != Caller.noUser else { return .failure(.noUser) }
        return .success(
            Caller(
                userID: userID,
                groupID: groupID == Caller.noUser ? nil : groupID,
                processID: processID > 0 ? processID : nil))
    }
}
