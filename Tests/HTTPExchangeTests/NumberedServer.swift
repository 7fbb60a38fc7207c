import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server on a free port of 127.0.0.1 that answers by the numbers of a connection and of the request on it, from 1.
struct NumberedServer: Sendable {
    enum Step: Sendable {
        case answer(String)
        /// These bytes, and then the end of the connection.
        case end(after: String)
    }

    struct Place: Sendable, Hashable {
        let connection: Int
        let request: Int
    }

    let port: Int
    private let log: Log

    /// Every request so far.
    var requests: [Place] { log.places.withLock { $0 } }

    fileprivate final class Log: Sendable {
        let places = Mutex<[Place]>([])
        let connections = Mutex(0)
    }

    /// Serves while `body` runs; with TLS if there is a context.
    static func running<Result>(
        tls: NIOSSLContext? = nil, _ script: @escaping @Sendable (Place) -> Step,
        _ body: (NumberedServer) async throws -> Result
    ) async throws -> Result {
        let log = Log()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(NumberedHandler(log: log, script: script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = NumberedServer(port: listener.localAddress?.port ?? 0, log: log)
        do {
            let result = try await body(server)
            try await listener.close()
            return result
        } catch {
            try await listener.close()
            throw error
        }
    }

    /// A whole answer.
    static func ok(_ body: String, _ fields: String = "") -> String {
        "HTTP/1.1 200 OK\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}

/// Takes each read that ends a head, without a body, for a request.
private final class NumberedHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let log: NumberedServer.Log
    private let script: @Sendable (NumberedServer.Place) -> NumberedServer.Step
    private let connection: Int
    private var request = 0
    private var text = ""

    init(log: NumberedServer.Log, script: @escaping @Sendable (NumberedServer.Place) -> NumberedServer.Step) {
        self.log = log
        self.script = script
        connection = log.connections.withLock { count in
            count += 1
            return count
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        guard text.hasSuffix("\r\n\r\n") else { return }
        (text, request) = ("", request + 1)
        let place = NumberedServer.Place(connection: connection, request: request)
        log.places.withLock { $0.append(place) }
        switch script(place) {
        case .answer(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        case .end(let text):
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text))).whenComplete { _ in
                bound.value.close(promise: nil)
            }
        }
    }
}
