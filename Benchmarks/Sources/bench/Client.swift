import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection. Any answer but 200 is a failure: errors would be fast.
struct Client: Sendable {
    private let channel: NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
    private let request: HTTPRequestHead

    static func connect(to target: Target) async throws -> Client {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: "127.0.0.1", port: target.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return Client(channel: channel, request: target.request)
    }

    /// Calls `body` with a function that asks once, and closes the connection in the end.
    func run(_ body: (() async throws -> Void) async throws -> Void) async throws {
        try await channel.executeThenClose { inbound, outbound in
            var answers = inbound.makeAsyncIterator()
            try await body {
                try await outbound.write(contentsOf: [.head(request), .end(nil)])
                while let part = try await answers.next(isolation: #isolation) {
                    switch part {
                    case .head(let head): guard head.status == .ok else { throw Unexpected(status: head.status) }
                    case .body: break
                    case .end: return
                    }
                }
                throw Unexpected(status: nil)
            }
        }
    }

    struct Unexpected: Error {
        /// `nil` if the connection ended instead.
        let status: HTTPResponseStatus?
    }
}
