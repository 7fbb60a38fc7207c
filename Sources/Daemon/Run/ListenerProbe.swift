import NIOCore
import NIOPosix

/// Asks a listener of this daemon whether it answers at all.
struct ListenerProbe: Sendable {
    let address: SocketAddress

    /// Whether there is an HTTP answer in time. `OPTIONS *` asks for nothing (RFC 9110 section 9.3.7); whatever the status, the
    /// listener has accepted, read and answered.
    func isAnswered(within limit: Duration) async -> Bool {
        let answer = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Bool.self)
        return await withTaskCancellationHandler {
            await isAnswered(answer, within: limit)
        } onCancel: {
            answer.succeed(false)
        }
    }

    private func isAnswered(_ answer: EventLoopPromise<Bool>, within limit: Duration) async -> Bool {
        let bootstrap = ClientBootstrap(group: answer.futureResult.eventLoop)
            .connectTimeout(TimeAmount(limit))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FirstBytes(answer))
                }
            }
        do {
            let channel = try await bootstrap.connect(to: address).get()
            let end = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { channel.close(promise: nil) }
            defer {
                end.cancel()
                channel.close(promise: nil)
            }
            try await channel.writeAndFlush(ByteBuffer(string: "OPTIONS * HTTP/1.1\r\nHost: \(host)\r\n\r\n"))
            return try await answer.futureResult.get()
        } catch {
            answer.succeed(false)
            return false
        }
    }

    private var host: String {
        guard let address = address.ipAddress else { return "localhost" }
        return address.contains(":") ? "[\(address)]" : address
    }
}

/// Whether what comes first is an HTTP answer.
private final class FirstBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answer: EventLoopPromise<Bool>

    init(_ answer: EventLoopPromise<Bool>) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let start = Self.unwrapInboundIn(data).readableBytesView.prefix(7)
        answer.succeed(start.elementsEqual("HTTP/1.".utf8))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.succeed(false)
    }
}
