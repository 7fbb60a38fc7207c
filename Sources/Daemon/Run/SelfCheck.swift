import Logging
import NIOCore
import NIOPosix
import Systemd

/// Tells the service manager's watchdog that the daemon works, twice in each of its intervals, as long as a real request to a
/// listener is answered. Otherwise it tells nothing, and the manager restarts the daemon.
struct SelfCheck<Sleeper: Clock>: Sendable where Sleeper.Duration == Duration {
    private let address: SocketAddress
    private let manager: ServiceManager
    private let pause: Duration
    private let clock: Sleeper
    private let logger: Logger

    /// `nil` if nobody watches, or there is nothing to ask.
    init?(_ address: SocketAddress?, manager: ServiceManager, clock: Sleeper, logger: Logger) {
        guard let address, let interval = manager.watchdogInterval else { return nil }
        self.address = address
        pause = interval / 2
        self.manager = manager
        self.clock = clock
        self.logger = logger
    }

    func run() async {
        repeat {
            if await isAnswered() {
                manager.alive()
            } else {
                logger.error("self-check unanswered", metadata: ["address": "\(address)"])
            }
        } while (try? await clock.sleep(for: pause)) != nil
    }

    /// `OPTIONS *` asks for nothing (RFC 9110 section 9.3.7); whatever the status, the listener has accepted, read and answered.
    func isAnswered() async -> Bool {
        let answer = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Bool.self)
        let bootstrap = ClientBootstrap(group: answer.futureResult.eventLoop)
            .connectTimeout(TimeAmount(pause))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FirstBytes(answer))
                }
            }
        do {
            let channel = try await bootstrap.connect(to: address).get()
            let limit = channel.eventLoop.scheduleTask(in: TimeAmount(pause)) { channel.close(promise: nil) }
            defer {
                limit.cancel()
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
