import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// A reverse proxy on a free port of 127.0.0.1 before one service. It counts requests and acts faults; everything else
/// passes as it came, the Host header too, because signatures cover it.
package struct FaultProxy: Service {
    typealias Frontend = NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>

    package let target: FaultTarget
    /// `http://127.0.0.1:PORT`
    package let url: String
    private let backend: ProxyBackend
    private let board: FaultBoard
    private let clock: any Clock<Duration>
    private let listener: NIOAsyncChannel<Frontend, Never>

    /// Binds at once, so that the address is known before the service behind runs. `run()` or `close()` must follow.
    package static func bind(
        _ target: FaultTarget, backend: ProxyBackend, board: FaultBoard, clock: any Clock<Duration>
    ) async throws -> FaultProxy {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 1024)
            // A client that has said all it has to say still gets its answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
                    return try Frontend(wrappingChannelSynchronously: channel)
                }
            }
        let port = listener.channel.localAddress?.port ?? 0
        return FaultProxy(
            target: target, url: "http://127.0.0.1:\(port)", backend: backend, board: board, clock: clock,
            listener: listener)
    }

    /// Frees the port of a proxy that is never run.
    package func close() async {
        try? await listener.executeThenClose { _ in }
    }

    /// At a graceful shutdown nothing more is accepted, and then what was accepted is cut off. Not by cancelling: that drops
    /// connections which nobody has taken up yet, and SwiftNIO ends the process for each (NIOAsyncWriter).
    package func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await serve()
            } onGracefulShutdown: { [listener] in
                listener.channel.close(promise: nil)
            }
        } catch is CancellationError {}
    }

    private func serve() async throws {
        try await listener.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    group.addTask {
                        await ProxyConnection(
                            target: target, backend: backend, board: board, clock: clock
                        ).serve(connection)
                    }
                }
                group.cancelAll()
            }
        }
    }
}
