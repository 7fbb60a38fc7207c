import Glibc
import NIOCore

/// `struct ucred` of unix(7), which Glibc's module hides behind `_GNU_SOURCE`.
struct UnixPeerCredentials: Sendable {
    let processID: Int32
    let userID: UInt32
    let groupID: UInt32

    /// The credentials that the peer had when it called connect(2).
    static func caller(of channel: any Channel) -> EventLoopFuture<Result<Caller, UnknownCaller>> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(.failure(.unsupportedTransport))
        }
        let credentials: EventLoopFuture<UnixPeerCredentials> = provider.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        return credentials.map(\.caller).recover { _ in .failure(.kernelDidNotAnswer) }
    }

    /// A descriptor of the process that called connect(2), to be closed by who asks; `nil` before Linux 6.5.
    static func processDescriptor(of channel: any Channel) -> EventLoopFuture<CInt?> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        let peerProcess = NIOBSDSocket.Option(rawValue: 77)  // SO_PEERPIDFD, asm-generic/socket.h
        let descriptor: EventLoopFuture<CInt> = provider.unsafeGetSocketOption(level: .socket, name: peerProcess)
        return descriptor.map { $0 }.recover { _ in nil }
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
