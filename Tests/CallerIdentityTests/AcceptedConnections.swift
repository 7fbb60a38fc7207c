import CallerIdentity
import Glibc
import NIOCore
import TestSupport
import Testing

/// A real listener on loopback that resolves each accepted connection, as the product does.
final class AcceptedConnections: Sendable {
    private let listener: TestListener
    private let callers = AsyncStream.makeStream(of: Result<Caller, UnknownCaller>.self)

    private init(at place: TestListener.Place) async throws {
        let (resolver, results) = (CallerResolver(), callers.continuation)
        listener = try await TestListener(at: place) { channel in
            results.yield(resolver.caller(ofAccepted: channel))
            return channel.close()
        }
    }

    static func tcp(_ host: String) async throws -> AcceptedConnections {
        try await AcceptedConnections(at: .tcp(host: host))
    }

    static func unix(_ path: String) async throws -> AcceptedConnections {
        try await AcceptedConnections(at: .unix(path))
    }

    var address: SocketAddress { listener.address }

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
