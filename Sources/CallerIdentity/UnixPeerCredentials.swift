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

    /// A descriptor of the process that called connect(2), to be closed by who asks; `nil` before Linux 6.5.
    static func processDescriptor(of socket: AcceptedSocket) -> CInt? {
        let peerProcess: CInt = 77  // SO_PEERPIDFD, asm-generic/socket.h
        return socket.socketOption(peerProcess, CInt(-1))
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
