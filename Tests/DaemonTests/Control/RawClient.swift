import NIOCore
import NIOPosix

/// A connection to a socket that sends what it is told and collects what comes.
struct RawClient: Sendable {
    private let channel: any Channel
    /// Everything that came, once the other side has closed.
    private let all: EventLoopFuture<String>
    private let first: EventLoopFuture<Void>

    static func connect(to path: String) async throws -> RawClient {
        try await connect(to: SocketAddress(unixDomainSocketPath: path))
    }

    /// What is to be sent at once is sent by the event loop: this task may have to wait for its next turn longer than the other side
    /// waits for a request.
    static func connect(to address: SocketAddress, sending text: String? = nil) async throws -> RawClient {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let all = loop.makePromise(of: String.self)
        let first = loop.makePromise(of: Void.self)
        do {
            let channel = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Collector(all: all, first: first))
                    }
                }
                .connect(to: address)
                .map { channel in
                    if let text { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }
                    return channel
                }
                .get()
            return RawClient(channel: channel, all: all.futureResult, first: first.futureResult)
        } catch {
            all.fail(error)
            first.fail(error)
            throw error
        }
    }

    /// Sends `text` on a connection of its own and returns all that comes until the other side closes.
    static func exchange(_ text: String, with path: String) async throws -> String {
        try await exchange(text, with: SocketAddress(unixDomainSocketPath: path))
    }

    static func exchange(_ text: String, with address: SocketAddress) async throws -> String {
        try await connect(to: address, sending: text).received()
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// Returns once something has come, or the other side has closed.
    func hasReceived() async throws { try await first.get() }

    func received() async throws -> String { try await all.get() }

    func close() async throws { try await channel.close() }
}

private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let all: EventLoopPromise<String>
    private let first: EventLoopPromise<Void>
    private var text = ""

    init(all: EventLoopPromise<String>, first: EventLoopPromise<Void>) {
        self.all = all
        self.first = first
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        first.succeed()
    }

    /// A reset after the answer: what came counts.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        first.succeed()
        all.succeed(text)
    }
}
