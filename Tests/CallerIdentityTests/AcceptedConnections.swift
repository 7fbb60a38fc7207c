import CallerIdentity
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A real listener on loopback that resolves each accepted connection, as the product does.
final class AcceptedConnections: Sendable {
    let address: SocketAddress
    private let listener: any Channel
    private let callers = AsyncStream.makeStream(of: Result<Caller, UnknownCaller>.self)

    private init(
        bind: (ServerBootstrap) -> EventLoopFuture<any Channel>, answering resolver: CallerResolver = CallerResolver()
    ) async throws {
        let results = callers.continuation
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                results.yield(resolver.caller(ofAccepted: channel))
                return channel.close()
            }
        listener = try await bind(bootstrap).get()
        address = try #require(listener.localAddress)
    }

    static func tcp(_ host: String) async throws -> AcceptedConnections {
        try await AcceptedConnections(bind: { $0.bind(host: host, port: 0) })
    }

    static func unix(_ path: String) async throws -> AcceptedConnections {
        try await AcceptedConnections(bind: { $0.bind(unixDomainSocketPath: path) })
    }

    /// The caller of the next connection.
    func next() async -> Result<Caller, UnknownCaller>? {
        await callers.stream.first { _ in true }
    }

    func close() async throws {
        try await listener.close()
    }
}

/// Connects blocking sockets, as any client would.
enum Client {
    static func connect(_ text: String, port: Int, family: CInt) throws -> CInt {
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        let connected = try SocketAddress(ipAddress: text, port: port).withSockAddr { address, length in
            Glibc.connect(descriptor, address, socklen_t(length))
        }
        try #require(connected == 0, "connect to \(text) port \(port): errno \(errno)")
        return descriptor
    }

    static func connect(unix path: String) throws -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        let connected = try SocketAddress(unixDomainSocketPath: path).withSockAddr { address, length in
            Glibc.connect(descriptor, address, socklen_t(length))
        }
        try #require(connected == 0, "connect to \(path): errno \(errno)")
        return descriptor
    }
}
