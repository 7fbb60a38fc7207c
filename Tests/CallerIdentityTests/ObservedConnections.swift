import CallerIdentity
import NIOCore
import NIOPosix
import Testing

/// A real listener that looks up everything about each connection.
final class ObservedConnections: Sendable {
    let address: SocketAddress
    private let listener: any Channel
    private let callers = AsyncStream.makeStream(of: ObservedCaller.self)

    private init(
        _ detail: CallerDetail, _ noting: ProcessNoting, bind: (ServerBootstrap) -> EventLoopFuture<any Channel>
    ) async throws {
        let (resolver, results) = (CallerResolver(), callers.continuation)
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                resolver.observe(
                    resolver.caller(ofAccepted: channel), ofAccepted: channel, detail: detail, noting: noting
                ).map { _ = results.yield($0) }
            }
        listener = try await bind(bootstrap).get()
        address = try #require(listener.localAddress)
    }

    static func tcp(
        _ detail: CallerDetail = [.groups, .processes], noting: ProcessNoting = .nobody
    ) async throws -> ObservedConnections {
        try await ObservedConnections(detail, noting, bind: { $0.bind(host: "127.0.0.1", port: 0) })
    }

    static func unix(
        _ path: String, _ detail: CallerDetail = [.groups, .processes], noting: ProcessNoting = .nobody
    ) async throws -> ObservedConnections {
        try await ObservedConnections(detail, noting, bind: { $0.bind(unixDomainSocketPath: path) })
    }

    func next() async -> ObservedCaller? { await callers.stream.first { _ in true } }

    func close() async throws { try await listener.close() }
}
