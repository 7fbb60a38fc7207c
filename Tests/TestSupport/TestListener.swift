package import NIOCore
import NIOPosix

/// A listening socket, whose connections are what a test makes of them.
package struct TestListener: Sendable {
    /// What to listen on.
    package enum Place: Sendable {
        /// A free port of that address.
        case tcp(host: String = "127.0.0.1")
        /// A socket to be made at that path.
        case unix(String)
    }

    /// Where it listens, with the port that it got.
    package let address: SocketAddress
    private let channel: any Channel

    /// The port that it got, `0` on a Unix socket.
    package var port: Int { address.port ?? 0 }

    /// Listens until ``close()``.
    /// - Parameter accept: gets each connection on its event loop. Nothing is read from it before the future is complete.
    package init(
        at place: Place = .tcp(), _ accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).childChannelInitializer(accept)
        let channel: any Channel
        switch place {
        case .tcp(let host): channel = try await bootstrap.bind(host: host, port: 0).get()
        case .unix(let path): channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
        }
        guard let address = channel.localAddress else { throw NoAddress() }
        self.address = address
        self.channel = channel
    }

    /// Listens while `body` runs.
    package static func running<Result>(
        at place: Place = .tcp(), _ accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>,
        _ body: (TestListener) async throws -> Result
    ) async throws -> Result {
        let listener = try await TestListener(at: place, accept)
        do {
            let result = try await body(listener)
            try await listener.close()
            return result
        } catch {
            try await listener.close()
            throw error
        }
    }

    /// Ends the listening; connections stay.
    package func close() async throws { try await channel.close() }
}

/// A socket was bound, and has no address.
private struct NoAddress: Error {}
