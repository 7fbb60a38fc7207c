import CallerIdentity
import CredentialCache
import FoundationEssentials
import Logging
import NIOCore
import NIOHTTP1

/// One connection: gives each complete request to ``MetadataService`` and writes the answers in the order of the
/// requests. Everything here happens on the connection's event loop.
///
/// While a request waits for credentials nothing more is read, and neither while the client does not take its answers; so
/// what one connection can pile up is what one read brings.
final class HTTPConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long a connection on which nothing is owed is kept when the daemon stops. What its client has sent by then, not knowing of
    /// that, is still answered, as the connection's last.
    static let drainLinger = TimeAmount.milliseconds(250)

    private let service: MetadataService
    private let caller: ObservedCaller
    private let origin: CallerOrigin?
    private let listener: ListenerContext
    private let patience: TimeAmount
    private let now: @Sendable () -> Date
    private let log: ConnectionLog
    private let timeouts: ConnectionTimeouts
    /// What the first request is told instead of an answer.
    private let refusal: MetadataError?
    private let callerRequests: CallerRequests
    private let observer: (any ConnectionObserver)?

    private var parser = RequestParser()
    /// What has come, but for what the parser has taken.
    private var unread = ByteBuffer()
    /// The buffer of the answer before; its memory serves again once that is sent.
    private var written = ByteBuffer()
    /// Complete, in order, behind the one that waits.
    private var pending: CircularBuffer<Item> = []
    private var waiting: Waiting?
    private var waitCount = 0
    private var phase = Phase.open
    /// Where the next request begins is unknown, so none is looked for.
    private var hasFailed = false
    private var hasUnflushedAnswer = false
    private var hasSuppressedRead = false

    private enum Item {
        /// With the instant at which it was complete.
        case request(MetadataRequest, NIODeadline)
        /// Answered after what came before it; ends the connection.
        case failure(MetadataError)
    }

    private struct Waiting {
        let number: Int
        let request: MetadataRequest
        let since: NIODeadline
        let timeout: Scheduled<Void>
    }

    private enum Phase {
        case open
        /// Close as soon as no answer is owed.
        case draining
        /// The last answer is written; whatever still comes is ignored.
        case closing
    }

    init(
        service: MetadataService, caller: ObservedCaller, countedFor origin: CallerOrigin?, listener: ListenerContext,
        configuration: ListenerConfiguration, refusal: MetadataError? = nil, callerRequests: CallerRequests,
        observer: (any ConnectionObserver)? = nil, logger: Logger,
        now: @escaping @Sendable () -> Date
    ) {
        self.service = service
        self.caller = caller
        self.origin = origin
        self.listener = listener
        patience = TimeAmount(configuration.patience)
        self.now = now
        log = ConnectionLog(logger: logger, listener: listener.name, origin: caller.origin)
        timeouts = ConnectionTimeouts(
            request: TimeAmount(configuration.requestTimeout),
            idle: TimeAmount(refusal == nil ? configuration.idleTimeout : configuration.requestTimeout))
        self.refusal = refusal
        self.callerRequests = callerRequests
        self.observer = observer
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase != .closing, !hasFailed else { return }
        var bytes = Self.unwrapInboundIn(data)
        if unread.readableBytes == 0 { unread = bytes } else { unread.writeBuffer(&bytes) }
        do throws(MetadataError) {
            while phase != .closing, let request = try parser.next(from: &unread) {
                timeouts.requestEnded()
                enqueue(.request(request, context.eventLoop.now), context)
            }
        } catch {
            fail(error, context)
        }
        // The memory that they came in can serve again.
        if unread.readableBytes == 0 { unread = ByteBuffer() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush(context)
        if phase != .closing, waiting == nil { timeouts.readEnded(inRequest: parser.isInRequest) }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func read(context: ChannelHandlerContext) {
        if waiting == nil, context.channel.isWritable { context.read() } else { hasSuppressedRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReading(context)
        context.fireChannelWritabilityChanged()
    }

    // MARK: Answering

    private func fail(_ error: MetadataError, _ context: ChannelHandlerContext) {
        hasFailed = true
        unread.clear()
        enqueue(.failure(error), context)
    }

    private func enqueue(_ item: Item, _ context: ChannelHandlerContext) {
        if waiting == nil { answer(item, context) } else { pending.append(item) }
    }

    private func answer(_ item: Item, _ context: ChannelHandlerContext, isFinal: Bool = false) {
        let instant = now()
        switch item {
        case .failure(let error):
            let response = service.response(to: error, at: listener, now: instant)
            observe(response, to: nil, since: nil, context)
            write(response, to: nil, instant, context)
        case .request(let request, let since):
            if let refusal = isFinal ? nil : refusal(now: since) {
                let response = service.response(to: refusal, at: listener, now: instant)
                observe(response, to: request, since: since, context)
                return write(response, to: request, instant, context)
            }
            switch service.answer(request, from: caller.current(), at: listener, now: instant, isFinal: isFinal) {
            case .respond(let response):
                observe(response, to: request, since: since, context)
                write(response, to: request, instant, context)
            case .awaitCredentials(let key): wait(for: key, request, since, context)
            }
        }
    }

    /// - Parameter since: when the request was complete; `nil` if it never was.
    private func observe(
        _ response: MetadataResponse, to request: MetadataRequest?, since: NIODeadline?,
        _ context: ChannelHandlerContext
    ) {
        guard let observer else { return }
        observer.answered(
            AnsweredRequest(
                userAgent: request?.userAgent ?? "", status: response.status.code, outcome: response.outcome,
                nanoseconds: since.map { (context.eventLoop.now - $0).nanoseconds }))
    }

    private func refusal(now: NIODeadline) -> MetadataError? {
        refusal ?? (callerRequests.admit(origin, at: now) ? nil : .tooManyRequests)
    }

    private func write(
        _ response: MetadataResponse, to request: MetadataRequest?, _ instant: Date, _ context: ChannelHandlerContext
    ) {
        let keepsAlive = phase == .open && !response.endsConnection && request?.keepsAlive ?? false
        written.clear(minimumCapacity: response.lengthHint)
        response.write(into: &written, now: instant, omitsBody: request?.method == .head, keepsAlive: keepsAlive)
        if let note = response.note { log.record(note, target: request?.target) }
        hasUnflushedAnswer = true
        guard !keepsAlive else { return context.write(Self.wrapOutboundOut(written), promise: nil) }
        phase = .closing
        pending.removeAll()
        let sent = context.eventLoop.makePromise(of: Void.self)
        context.write(Self.wrapOutboundOut(written), promise: sent)
        sent.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    private func wait(
        for key: CredentialKey, _ request: MetadataRequest, _ since: NIODeadline, _ context: ChannelHandlerContext
    ) {
        waitCount &+= 1
        let number = waitCount
        let eventLoop = context.eventLoop
        let connection = NIOLoopBound((self, context), eventLoop: eventLoop)
        let resume: @Sendable () -> Void = {
            let (handler, context) = connection.value
            handler.resume(number, context)
        }
        waiting = Waiting(
            number: number, request: request, since: since, timeout: eventLoop.scheduleTask(in: patience, resume))
        service.source.awaitNextAttempt(key) { eventLoop.execute(resume) }
    }

    /// The attempt has ended, or patience has; whichever comes second finds nobody waiting.
    private func resume(_ number: Int, _ context: ChannelHandlerContext) {
        guard let waiting, waiting.number == number else { return }
        waiting.timeout.cancel()
        self.waiting = nil
        answer(.request(waiting.request, waiting.since), context, isFinal: true)
        while self.waiting == nil, phase != .closing, let item = pending.popFirst() { answer(item, context) }
        flush(context)
        resumeReading(context)
    }

    // MARK: The connection's life

    func channelActive(context: ChannelHandlerContext) {
        timeouts.start(on: context.eventLoop) { self.giveUp($0, context) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closing
        waiting?.timeout.cancel()
        waiting = nil
        pending.removeAll()
        timeouts.stop()
        observer?.closed()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is DrainRequested else { return context.fireUserInboundEventTriggered(event) }
        guard phase == .open else { return }
        phase = .draining
        let eventLoop = context.eventLoop
        let connection = NIOLoopBound((self, context), eventLoop: eventLoop)
        eventLoop.scheduleTask(in: Self.drainLinger) {
            let (handler, context) = connection.value
            handler.closeIfNothingIsOwed(context)
        }
    }

    private func closeIfNothingIsOwed(_ context: ChannelHandlerContext) {
        guard phase == .draining, waiting == nil, !parser.isInRequest, !timeouts.isInRequest else { return }
        context.close(promise: nil)
    }

    private func giveUp(_ reason: ConnectionTimeouts.Expiry, _ context: ChannelHandlerContext) {
        guard phase != .closing else { return }
        guard reason == .request else { return context.close(promise: nil) }
        fail(.tooSlow, context)
        flush(context)
    }

    private func flush(_ context: ChannelHandlerContext) {
        guard hasUnflushedAnswer else { return }
        hasUnflushedAnswer = false
        context.flush()
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard hasSuppressedRead, waiting == nil, context.channel.isWritable else { return }
        hasSuppressedRead = false
        context.read()
    }
}
