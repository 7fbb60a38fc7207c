import NIOCore
package import NIOHTTP1

/// An HTTP server on a free port of 127.0.0.1 that answers as a test scripts it, faults included.
package struct ScriptedServer: Sendable {
    package struct Request: Sendable {
        package let method: HTTPMethod
        /// Path and query.
        package let target: String
        package let headers: HTTPHeaders
        package let body: String
    }

    package enum Reply: Sendable {
        case answer(status: Int, headers: [(String, String)], body: [UInt8])
        /// The head and half of the body come, then nothing.
        case stall(body: [UInt8])
        /// The head and half of the body come, then the end of the connection.
        case cut(body: [UInt8])
        /// Nothing comes.
        case hang
        /// The connection is reset.
        case reset

        package static func text(_ text: String, status: Int = 200) -> Reply {
            .answer(status: status, headers: [], body: Array(text.utf8))
        }
    }

    /// `http://127.0.0.1:PORT`.
    package let url: String

    /// Serves while `body` runs.
    package static func running<Result: Sendable>(
        _ script: @escaping @Sendable (Request) async -> Reply,
        _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        try await TestListener.running { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                try channel.pipeline.syncOperations.addHandler(ScriptedHandler(script: script))
            }
        } _: { listener in
            try await body(ScriptedServer(url: "http://127.0.0.1:\(listener.port)"))
        }
    }
}

/// Collects one request at a time and plays the script's reply.
private final class ScriptedHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let script: @Sendable (ScriptedServer.Request) async -> ScriptedServer.Reply
    private var head: HTTPRequestHead?
    private var body = ""

    init(script: @escaping @Sendable (ScriptedServer.Request) async -> ScriptedServer.Reply) {
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ""
        case .body(let part):
            body += String(buffer: part)
        case .end:
            guard let head else { return }
            let request = ScriptedServer.Request(
                method: head.method, target: head.uri, headers: head.headers, body: body)
            let channel = context.channel
            channel.eventLoop.makeFutureWithTask { [script] in await script(request) }
                .whenSuccess { Self.play($0, on: channel) }
        }
    }

    private static func play(_ reply: ScriptedServer.Reply, on channel: any Channel) {
        switch reply {
        case .answer(let status, let headers, let body):
            write(status: status, headers: headers, length: body.count, body: body[...], on: channel)
            channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        case .stall(let body):
            write(status: 200, headers: [], length: body.count, body: body.prefix(body.count / 2), on: channel)
            channel.flush()
        case .cut(let body):
            write(status: 200, headers: [], length: body.count, body: body.prefix(body.count / 2), on: channel)
            channel.flush()
            channel.close(promise: nil)
        case .hang:
            break
        case .reset:
            channel.close(promise: nil)
        }
    }

    private static func write(
        status: Int, headers: [(String, String)], length: Int, body: ArraySlice<UInt8>, on channel: any Channel
    ) {
        let fields = HTTPHeaders(headers + [("Content-Length", "\(length)")])
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
    }
}
