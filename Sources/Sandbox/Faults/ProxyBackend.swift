import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Where a proxy finds its service.
package enum ProxyBackend: Sendable {
    case port(Int)
    case unixSocket(String)

    typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// Connects; a service that is still starting gets three seconds.
    func connect(clock: any Clock<Duration>) async throws -> Connection {
        for _ in 0..<60 {
            if let connection = try? await connectOnce() { return connection }
            try await clock.sleep(for: .milliseconds(50))
        }
        return try await connectOnce()
    }

    /// Whether the service has kept that connection, and said nothing on it since its last answer. The kernel knows it
    /// before the channel does.
    static func isQuiet(_ connection: Connection) async -> Bool {
        let channel = connection.channel
        let isQuiet = try? await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
                var byte: UInt8 = 0
                return recv(socket, &byte, 1, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT)) < 0 && errno == EAGAIN
            }
        }.get()
        return channel.isActive && isQuiet == true
    }

    private func connectOnce() async throws -> Connection {
        let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        switch self {
        case .port(let port):
            return try await bootstrap.connect(host: "127.0.0.1", port: port, channelInitializer: Self.initialize)
        case .unixSocket(let path):
            return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: Self.initialize)
        }
    }

    @Sendable private static func initialize(_ channel: any Channel) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            var configuration = HTTPRequestEncoder.Configuration()
            // The request's own framing is forwarded as it is.
            configuration.automaticallySetFramingHeaders = false
            try channel.pipeline.syncOperations.addHTTPClientHandlers(
                position: .last, enableOutboundHeaderValidation: false, encoderConfiguration: configuration)
            return try Connection(wrappingChannelSynchronously: channel)
        }
    }
}
