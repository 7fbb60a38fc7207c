import Hummingbird
import NIOCore
import NIOHTTPTypes

/// Closes a connection whose client takes too long, and lets one end in order when the broker stops: a request that is on its way
/// then is answered still.
final class ConnectionWarden: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long a connection without a request stays open after the broker was told to stop. Who has just sent one can't know.
    static let parting = TimeAmount.seconds(1)

    private var clock: ConnectionClock
    private let readingLimit: TimeAmount
    private var deadline: Scheduled<Void>?
    private var readingDeadline: Scheduled<Void>?
    private var partingDeadline: Scheduled<Void>?
    private var isParting = false

    init(_ limits: ConnectionClock.Limits = ConnectionClock.Limits()) {
        clock = ConnectionClock(limits)
        readingLimit = limits.reading
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { follow(clock.step(.connected), context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        follow(clock.step(.connected), context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch part {
        case .head: follow(clock.step(.head), context)
        case .body: break
        case .end: follow(clock.step(.bodyEnd), context)
        }
        context.fireChannelRead(data)
        if case .head = part, isParting { tellToClose(context) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where isParting:
            head.headerFields[.connection] = "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
            return
        case .end: follow(clock.step(.answerEnd), context)
        default: break
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        readingDeadline?.cancel()
        readingDeadline = context.channel.isWritable ? nil : schedule(readingLimit, context) { $0.close(promise: nil) }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent, !isParting else {
            return context.fireUserInboundEventTriggered(event)
        }
        isParting = true
        if clock.open > 0 { return context.fireUserInboundEventTriggered(event) }
        partingDeadline = schedule(Self.parting, context) { [weak self] in self?.tellToClose($0) }
    }

    /// Tells Hummingbird to close the connection after the requests that it has.
    private func tellToClose(_ context: ChannelHandlerContext) {
        partingDeadline?.cancel()
        partingDeadline = nil
        context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    private func follow(_ step: ConnectionClock.Step, _ context: ChannelHandlerContext) {
        guard step != .goOn else { return }
        deadline?.cancel()
        deadline = nil
        if case .wait(let time) = step { deadline = schedule(time, context) { $0.close(promise: nil) } }
    }

    private func schedule(
        _ time: TimeAmount, _ context: ChannelHandlerContext, _ body: @escaping (ChannelHandlerContext) -> Void
    ) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { body(context) }
    }

    private func cancel() {
        for scheduled in [deadline, readingDeadline, partingDeadline] { scheduled?.cancel() }
    }
}
