import CallerIdentity
import NIOCore

/// An accepted socket and what is served on it. Only its loop's thread sees it.
final class OpenConnection {
    let descriptor: CInt
    let token: UInt64
    let listening: Listening
    let countedFor: CallerOrigin?
    /// The own end of the socket; `nil` of a Unix socket.
    let endpoint: Endpoint?
    /// `nil` while it is being found out who calls.
    var http: HTTPConnection?
    /// Until when that may take.
    var lookUpEnd = NIODeadline.distantFuture
    /// What the kernel has been told to watch for; `nil` if it has not been told to watch.
    var interest: Epoll.Interest?
    /// It has its next turn before the loop waits again.
    var isQueued = false

    init(
        descriptor: CInt, token: UInt64, listening: Listening, countedFor: CallerOrigin?, endpoint: Endpoint?
    ) {
        self.descriptor = descriptor
        self.token = token
        self.listening = listening
        self.countedFor = countedFor
        self.endpoint = endpoint
    }

    /// What to watch for now.
    var wanted: Epoll.Interest {
        guard let http else { return [] }
        if isSending { return .writing }
        return http.wantsRead ? .reading : []
    }

    /// An answer is owed that the socket doesn't take yet.
    var isSending: Bool { (http?.output.readableBytes ?? 0) > 0 }

    /// Nothing is to be done for it before, unless the socket or another thread says so.
    var deadline: NIODeadline { http?.deadline ?? lookUpEnd }
}

/// A listener as its loop's thread sees it.
final class Listening {
    let socket: ListeningSocket
    let token: UInt64
    let listener: MetadataListener
    var contexts: ListenerContexts
    var openCount = 0
    /// Until then nothing is accepted, for want of descriptors or memory.
    var pausedUntil: NIODeadline?
    private(set) var closing: Closing?

    struct Closing {
        /// Then the rest is closed.
        let end: NIODeadline
        /// To be called when the last connection is closed.
        var then: [@Sendable () -> Void]
    }

    init(socket: ListeningSocket, token: UInt64, listener: MetadataListener) {
        self.socket = socket
        self.token = token
        self.listener = listener
        contexts = ListenerContexts(listener.configuration)
    }

    var deadline: NIODeadline { min(pausedUntil ?? .distantFuture, closing?.end ?? .distantFuture) }

    /// Of several ends the earliest counts, whichever comes last.
    func close(by end: NIODeadline, then: @escaping @Sendable () -> Void) {
        pausedUntil = nil
        closing = Closing(end: min(end, closing?.end ?? .distantFuture), then: (closing?.then ?? []) + [then])
    }

    /// Calls those who wait for the last connection to close.
    func allAreClosed() {
        closing?.then.forEach { $0() }
        closing?.then = []
    }

    func cutOffHasPassed() {
        closing = closing.map { Closing(end: .distantFuture, then: $0.then) }
    }
}
