package import NIOCore

/// A listener that accepts connections.
package final class BoundListener: Sendable {
    package let name: String
    /// The real address, with the port that was taken for port 0.
    package let address: SocketAddress
    private let channel: any Channel
    private let socketFile: UnixSocketFile?
    let connections: ConnectionRegistry

    init(
        name: String, channel: any Channel, address: SocketAddress, socketFile: UnixSocketFile?,
        connections: ConnectionRegistry
    ) {
        self.name = name
        self.channel = channel
        self.address = address
        self.socketFile = socketFile
        self.connections = connections
    }

    /// Stops accepting, lets running requests end, closes idle connections and, after `limit`, all others. Returns when
    /// no connection is left. A second call finds nothing to do.
    package func close(within limit: Duration) async {
        socketFile?.remove()
        try? await channel.close()
        try? await connections.drain(within: TimeAmount(limit), on: channel.eventLoop).get()
    }

    /// Closes every connection at once, so that ``close(within:)`` returns.
    package func cutOff() {
        for connection in connections.channels { connection.close(promise: nil) }
    }
}
