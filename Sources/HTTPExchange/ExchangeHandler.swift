import NIOCore
import NIOHTTP1
import NIOSSL

/// One request to send, and where its answer goes.
struct ExchangeOrder: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer?
    /// Of the answer's body.
    let maximumBytes: Int
    let promise: EventLoopPromise<CompletedExchange>
}

/// An answer, and whether its connection can take another request.
struct CompletedExchange: Sendable {
    let answer: HTTPAnswer
    let isReusable: Bool
}

/// How a connection ends without an answer, where that matters to whoever might ask again.
enum ConnectionEnd: Error {
    /// Nothing of the request was sent.
    case unused
    /// The request may have been acted upon. No byte of an answer has come.
    case unanswered
    /// In the middle of the answer.
    case incomplete
    case tooLong
}

/// The end of one client connection's pipeline: takes one ``ExchangeOrder`` after the other. A connection that has nothing to
/// do for ``idleLimit``, or hears something that it did not ask for, closes.
final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = ExchangeOrder
    typealias OutboundOut = HTTPClientRequestPart

    /// Servers give up idle connections after 30 seconds or more; a request sent at that moment would be lost.
    static let idleLimit = TimeAmount.seconds(15)

    private var order: ExchangeOrder?
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var isRequestSent = false
    private var isClosed = false
    private var idleTimeout: Scheduled<Void>?

    // MARK: The request

    /// The promise says only whether the order was accepted.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let order = unwrapOutboundIn(data)
        guard !isClosed, self.order == nil else {
            promise?.fail(ConnectionEnd.unused)
            return
        }
        promise?.succeed()
        idleTimeout?.cancel()
        (self.order, head, body, isRequestSent) = (order, nil, [], false)
        // A head that the encoder refuses is never sent.
        send(.head(order.head), context) { _ in }
        if let body = order.body, body.readableBytes > 0 { send(.body(.byteBuffer(body)), context) { _ in } }
        send(.end(nil), context) { $0.isRequestSent = true }
    }

    private func send(
        _ part: HTTPClientRequestPart, _ context: ChannelHandlerContext, _ done: @escaping (ExchangeHandler) -> Void
    ) {
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success: done(self)
            case .failure(let error): self.fail(error, context)
            }
        }
        context.write(wrapOutboundOut(part), promise: sent)
    }

    // MARK: The answer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let order else { return context.close(promise: nil) }
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let part):
            guard body.count + part.readableBytes <= order.maximumBytes else {
                return fail(ConnectionEnd.tooLong, context)
            }
            body.append(contentsOf: part.readableBytesView)
        case .end:
            guard let head else { return fail(ConnectionEnd.incomplete, context) }
            complete(order, head, context)
        }
    }

    private func complete(_ order: ExchangeOrder, _ head: HTTPResponseHead, _ context: ChannelHandlerContext) {
        let isReusable = isRequestSent && head.isKeepAlive && head.status != .switchingProtocols
        let answer = HTTPAnswer(status: Int(head.status.code), headers: head.headers, body: body)
        (self.order, self.head, body) = (nil, nil, [])
        if isReusable {
            idleTimeout = context.eventLoop.assumeIsolated().scheduleTask(in: Self.idleLimit) {
                context.close(promise: nil)
            }
        } else {
            context.close(promise: nil)
        }
        order.promise.succeed(CompletedExchange(answer: answer, isReusable: isReusable))
    }

    // MARK: The end

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset, or an end of TLS without a farewell, is an end like any other; but of a body that has no other end, it
        // must not count as the last byte.
        let isEnd = error is IOError || (error as? NIOSSLError) == .uncleanShutdown
        fail(isEnd ? (head == nil ? ConnectionEnd.unanswered : .incomplete) : error, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        idleTimeout?.cancel()
        fail(head == nil ? ConnectionEnd.unanswered : .incomplete, context)
        context.fireChannelInactive()
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        let failed = order
        order = nil
        failed?.promise.fail(error)
        context.close(promise: nil)
    }
}
