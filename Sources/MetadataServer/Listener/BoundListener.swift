package import NIOCore

/// A listener that accepts connections.
package final class BoundListener: Sendable {
    package let name: String
    private let socket: ListeningSocket
    private let socketFile: UnixSocketFile?
    private let loop: ServingLoop

    init(_ listener: MetadataListener, _ socket: ListeningSocket, socketFile: UnixSocketFile?, on loop: ServingLoop) {
        name = listener.configuration.name
        self.socket = socket
        self.socketFile = socketFile
        self.loop = loop
        loop.mailbox.post(.listen(socket, listener))
    }

    /// The real address, with the port that was taken for port 0.
    package var address: SocketAddress { socket.address }

    /// Stops accepting, lets running requests end, closes idle connections and, after `limit`, all others. Returns when
    /// no connection is left. A second call finds nothing to do.
    package func close(within limit: Duration) async {
        socketFile?.remove()
        await withCheckedContinuation { closed in
            loop.mailbox.post(.close(socket, within: limit, then: { closed.resume() }))
        }
    }

    /// Closes every connection at once, so that ``close(within:)`` returns.
    package func cutOff() {
        loop.mailbox.post(.cutOff(socket))
    }
}
