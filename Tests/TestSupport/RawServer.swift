import NIOCore
package import NIOSSL
import Synchronization

/// A server that answers by the numbers of a connection and of the request on it, in bytes that need not be HTTP. What can be
/// said in HTTP's terms is a matter of ``ScriptedServer``.
package struct RawServer: Sendable {
    /// What follows a request.
    package enum Step: Sendable {
        /// These bytes.
        case answer(String)
        /// These bytes, and then the end of the connection.
        case end(after: String)
    }

    /// Which request it is, counted from 1.
    package struct Place: Sendable, Hashable {
        /// The number of its connection.
        package let connection: Int
        /// Its number on that connection.
        package let request: Int

        package init(connection: Int, request: Int) {
            self.connection = connection
            self.request = request
        }
    }

    /// `0` on a Unix socket.
    package let port: Int
    private let log: Log

    /// Every request so far.
    package var requests: [Place] { log.places.withLock { $0 } }

    /// What clients have sent so far.
    package var received: String { log.text.withLock { $0 } }

    fileprivate final class Log: Sendable {
        let places = Mutex<[Place]>([])
        let connections = Mutex(0)
        let text = Mutex("")
    }

    /// Serves while `body` runs; with TLS if there is a context.
    package static func running<Result>(
        at place: TestListener.Place = .tcp(), tls: NIOSSLContext? = nil,
        _ script: @escaping @Sendable (Place) -> Step, _ body: (RawServer) async throws -> Result
    ) async throws -> Result {
        let log = Log()
        return try await TestListener.running(at: place) { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                try pipeline.addHandler(RawHandler(log: log, script: script))
            }
        } _: { listener in
            try await body(RawServer(port: listener.port, log: log))
        }
    }

    /// A whole answer.
    package static func ok(_ body: String, _ fields: String = "") -> String {
        "HTTP/1.1 200 OK\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}

/// Plays the script's step at each read that makes a request whole.
private final class RawHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let log: RawServer.Log
    private let script: @Sendable (RawServer.Place) -> RawServer.Step
    private let connection: Int
    private var request = 0
    private var text = ""

    init(log: RawServer.Log, script: @escaping @Sendable (RawServer.Place) -> RawServer.Step) {
        self.log = log
        self.script = script
        connection = log.connections.withLock { count in
            count += 1
            return count
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = String(buffer: unwrapInboundIn(data))
        text += part
        log.text.withLock { $0 += part }
        guard Self.isWhole(text) else { return }
        (text, request) = ("", request + 1)
        let place = RawServer.Place(connection: connection, request: request)
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

    /// Whether a head has ended, and as much of a body has come as the head announces.
    private static func isWhole(_ text: String) -> Bool {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
        let name = "content-length: "
        let field = text[..<end.lowerBound].split(separator: "\r\n").first { $0.lowercased().hasPrefix(name) }
        let length = field.flatMap { Int($0.dropFirst(name.count)) } ?? 0
        return text[end.upperBound...].utf8.count >= length
    }
}
