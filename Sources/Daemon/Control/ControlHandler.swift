import CallerIdentity
import Logging
import NIOCore
import NIOHTTP1

/// Reads one request after the other from a control connection, asks the service, writes the answer.
final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A sign-in's tokens stay far under this.
    private static let longestBody = 128 * 1024

    private let service: ControlService
    private let caller: Result<Caller, UnknownCaller>
    private let logger: Logger
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLong = false

    init(service: ControlService, caller: Result<Caller, UnknownCaller>, logger: Logger) {
        self.service = service
        self.caller = caller
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            (self.head, body, isTooLong) = (head, [], false)
        case .body(let part):
            isTooLong = isTooLong || body.count + part.readableBytes > Self.longestBody
            if !isTooLong { body += part.readableBytesView }
        case .end:
            answer(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let head else { return }
        self.head = nil
        switch refusal(of: head) {
        case let refusal?:
            write(refusal, to: head, context: context)
        case nil:
            guard case .success(let caller) = caller else { return context.close(promise: nil) }
            let request = ControlRequest(
                method: head.method.rawValue, path: String(head.uri.prefix { $0 != "?" }), body: body)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.makeFutureWithTask { [service] in
                await service.answer(request, fromUser: caller.userID)
            }.whenSuccess { response in
                let (handler, context) = bound.value
                handler.write(response, to: head, context: context)
            }
        }
        body = []
    }

    /// A browser can't reach a Unix socket, but whatever forwards to it might act for one.
    private func refusal(of head: HTTPRequestHead) -> ControlResponse? {
        if isTooLong { return .failure(413, "RequestTooLarge", "The body is over \(Self.longestBody) bytes.") }
        for name in ["Origin", "Referer", "X-Forwarded-For", "Forwarded", "Via"] where head.headers.contains(name: name)
        {
            return .failure(403, "CallerNotAllowed", "The control socket does not answer web pages or proxies.")
        }
        if case .failure(let reason) = caller {
            logger.warning("unknown caller on the control socket", metadata: ["reason": "\(reason)"])
            return .failure(403, "CallerNotAllowed", "The daemon can't tell which user is asking.")
        }
        return nil
    }

    private func write(_ response: ControlResponse, to head: HTTPRequestHead, context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        var headers = HTTPHeaders([("Content-Length", "\(response.body.count)"), ("Cache-Control", "no-store")])
        if !response.body.isEmpty { headers.add(name: "Content-Type", value: "application/json") }
        if let allow = response.allow { headers.add(name: "Allow", value: allow) }
        if !head.isKeepAlive { headers.add(name: "Connection", value: "close") }
        let answer = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context.write(wrapOutboundOut(.head(answer)), promise: nil)
        if head.method != .HEAD, !response.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let done = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !head.isKeepAlive { done.whenComplete { _ in bound.value.close(promise: nil) } }
    }
}
