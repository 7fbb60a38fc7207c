import HTTPExchange
import NIOCore
import NIOHTTP1

/// A request of the browser to the redirect address that waits for its page.
struct RedirectArrival: Sendable {
    /// Path and query.
    let target: String
    let channel: any Channel

    /// Sends the page and closes the connection; returns when the browser has it or has gone.
    func answer(_ page: RedirectPage) async {
        // A browser that has gone needs no page.
        try? await page.write(to: channel).get()
    }
}

/// The connection of a browser: hands a GET of the redirect path on, and refuses everything else.
final class RedirectHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let path: String?
    private let arrivals: AsyncStream<RedirectArrival>.Continuation
    private var hasRequest = false

    /// - Parameter path: `nil` refuses everything.
    init(path: String?, arrivals: AsyncStream<RedirectArrival>.Continuation) {
        self.path = path
        self.arrivals = arrivals
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data), !hasRequest else { return }
        hasRequest = true
        let target = head.uri.utf8.prefix { $0 != UInt8(ascii: "?") }
        if head.method == .GET, let path, target.elementsEqual(path.utf8) {
            arrivals.yield(RedirectArrival(target: head.uri, channel: context.channel))
        } else {
            // The result doesn't matter: the connection closes either way.
            _ = RedirectPage.notFound.write(to: context.channel)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// The plain pages a browser sees. Nothing from the request is in them.
enum RedirectPage {
    /// Sends the browser on to that address.
    case onward(String)
    case finished
    case failed
    case notOurs
    case notFound

    func write(to channel: any Channel) -> EventLoopFuture<Void> {
        let body = ByteBuffer(string: html)
        var headers: HTTPHeaders = [
            "Content-Type": "text/html; charset=utf-8", "Content-Length": "\(body.readableBytes)",
            "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Connection": "close",
            "Content-Security-Policy": "default-src 'none'",
        ]
        if case .onward(let address) = self { headers.add(name: "Location", value: address) }
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil)
        return channel.writeAndFlush(HTTPServerResponsePart.end(nil)).flatMap { channel.close() }
    }

    private var status: HTTPResponseStatus {
        switch self {
        case .onward: .found
        case .finished: .ok
        case .failed, .notOurs: .badRequest
        case .notFound: .notFound
        }
    }

    private var html: String {
        let text =
            switch self {
            case .onward: "The page that was asked for opens now."
            case .finished: "You are signed in. You can close this window."
            case .failed: "The sign-in did not work. The terminal says why. You can close this window."
            case .notOurs: "This sign-in is not the one that is waited for. Start again from the terminal."
            case .notFound: "There is nothing here."
            }
        return "<!doctype html><html lang=\"en\"><title>STS Broker</title><p>\(text)</p></html>\n"
    }
}
