import CallerIdentity
import Logging
import MetadataServer
import NIOCore
import NIOHTTP1

/// Reads one request after the other from a control connection, asks the service, writes the answer.
final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A sign-in's tokens stay far under this.
    private static let longestBody = 128 * 1024
    /// From the connection's opening, or the last answer, to the end of the next request. A client that waits longer, or
    /// sends its request drop by drop, only holds a descriptor.
    static let patience = TimeAmount.seconds(30)

    private let isForeign: (HTTPRequestHead) -> Bool
    private let respond: @Sendable (ControlRequest, Caller?) async -> ControlResponse
    /// `nil` where anybody may ask.
    private let caller: Result<Caller, UnknownCaller>?
    /// `nil` where anybody may ask: nobody is unknown there.
    private let logLines: CallerLogLines?
    private let logger: Logger
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLong = false
    private var isAnswering = false
    private var isDraining = false
    /// The last answer is written.
    private var isClosing = false
    private var hasLoggedUnknown = false
    private var deadline: Scheduled<Void>?

    init(service: ControlService, caller: Result<Caller, UnknownCaller>, logger: Logger) {
        isForeign = { _ in false }
        respond = { request, caller in
            guard let caller else { return .failure(403, "CallerNotAllowed", "The daemon can't tell who is asking.") }
            return await service.answer(request, from: caller)
        }
        self.caller = caller
        logLines = service.logLines
        self.logger = logger
    }

    /// For anybody who reaches an address.
    /// - Parameter hosts: what `Host` must be, so that no web page reaches it by a name of its own.
    init(pages: MonitoringPages, hosts: Set<String>, logger: Logger) {
        isForeign = { head in !(head.headers["host"].count == 1 && hosts.contains(head.headers["host"][0])) }
        respond = { request, _ in
            pages.answer(request) ?? .failure(404, "NotFound", "There are /metrics, /healthz and /readyz here.")
        }
        caller = nil
        logLines = nil
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
            deadline?.cancel()
            answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let head, !isClosing else { return }
        let body = body
        (self.head, self.body, isAnswering) = (nil, [], true)
        if let refusal = refusal(of: head) { return write(refusal, to: head, context: context) }
        let target = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let request = ControlRequest(
            method: head.method.rawValue, path: String(target[0]), query: target.count > 1 ? String(target[1]) : "",
            body: body)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        var known: Caller?
        if case .success(let caller)? = caller { known = caller }
        context.eventLoop.makeFutureWithTask { [respond, known] in
            await respond(request, known)
        }.whenSuccess { response in
            let (handler, context) = bound.value
            handler.write(response, to: head, context: context)
        }
    }

    /// A browser can't reach a Unix socket, but whatever forwards to it might act for one.
    private func refusal(of head: HTTPRequestHead) -> ControlResponse? {
        if isTooLong { return .failure(413, "RequestTooLarge", "The body is over \(Self.longestBody) bytes.") }
        let foreign = ["origin", "referer", "x-forwarded-for", "forwarded", "via"]
        let isPassedOn = head.headers.contains { name, _ in
            let name = name.lowercased()
            return foreign.contains(name) || name.hasPrefix("sec-fetch-")
        }
        if isPassedOn || isForeign(head) {
            return .failure(403, "CallerNotAllowed", "The daemon does not answer web pages or proxies here.")
        }
        if case .failure(let reason)? = caller {
            if !hasLoggedUnknown {
                hasLoggedUnknown = true
                logLines?.write(
                    .warning, "unknown caller on the control socket", countedFor: caller?.origin, to: logger
                ) { ["reason": "\(reason)"] }
            }
            return .failure(403, "CallerNotAllowed", "The daemon can't tell which user is asking.")
        }
        return nil
    }

    private func write(_ response: ControlResponse, to head: HTTPRequestHead, context: ChannelHandlerContext) {
        isAnswering = false
        write(
            response, keepsAlive: head.isKeepAlive && !isDraining, omitsBody: head.method == .HEAD, context: context)
    }

    private func write(
        _ response: ControlResponse, keepsAlive: Bool, omitsBody: Bool, context: ChannelHandlerContext
    ) {
        guard context.channel.isActive, !isClosing else { return }
        isClosing = !keepsAlive
        awaitRequest(context)
        context.write(wrapOutboundOut(.head(head(of: response))), promise: nil)
        if !omitsBody, !response.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
        }
        // Writing the end may at once bring the next, pipelined request, so it comes last.
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let done = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !keepsAlive { done.whenComplete { _ in bound.value.close(promise: nil) } }
    }

    private func head(of response: ControlResponse) -> HTTPResponseHead {
        var headers = HTTPHeaders([("Content-Length", "\(response.body.count)"), ("Cache-Control", "no-store")])
        if !response.body.isEmpty { headers.add(name: "Content-Type", value: response.contentType) }
        if let allow = response.allow { headers.add(name: "Allow", value: allow) }
        if isClosing { headers.add(name: "Connection", value: "close") }
        return HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
    }
}

// MARK: - The connection's life

extension ControlHandler {
    func channelActive(context: ChannelHandlerContext) {
        awaitRequest(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    /// What can't be parsed ends the connection, after the answers that are owed: the pipelining handler keeps the error
    /// back until then. What comes behind a last request is nobody's business.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, !isAnswering else { return context.close(promise: nil) }
        head = nil
        let malformed = ControlResponse.failure(400, "InvalidRequest", "The request is not HTTP/1.1.")
        write(malformed, keepsAlive: false, omitsBody: false, context: context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ControlDrain else { return context.fireUserInboundEventTriggered(event) }
        isDraining = true
        if !isAnswering { context.close(promise: nil) }
    }

    private func awaitRequest(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { context.close(promise: nil) }
    }
}
