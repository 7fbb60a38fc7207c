import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP/1.1 client for a few trusted servers, by `http`, `https` and Unix sockets. It follows no redirect, uses no proxy,
/// decompresses nothing and, over TLS, verifies the server's name against the system's roots or
/// those that it was given.
///
/// A connection takes one exchange at a time and is kept for the next ones. A request is sent a second time only where the
/// first one can't have done anything: it was not sent, or its method is idempotent and a kept connection ended before any
/// answer (RFC 9110 section 9.2.2).
package final class HTTPClient: Sendable {
    /// One for the whole process, which is never shut down.
    package static let shared = HTTPClient()

    private struct State {
        var idle = IdleConnections()
        var open: [ObjectIdentifier: any Channel] = [:]
        var isShutDown = false
    }

    private let group: any EventLoopGroup
    private let connectTimeout: TimeAmount
    private let state = Mutex(State())
    private let tls: ClientTLS

    /// - Parameters:
    ///   - connectTimeout: until a TCP connection stands.
    ///   - tls: gives what to trust and to present; is asked for each connection, and may block for as long as reading a small file takes.
    package init(
        connectTimeout: Duration = .seconds(3), tls: @escaping @Sendable () throws -> TLSMaterial = { TLSMaterial() }
    ) {
        group = MultiThreadedEventLoopGroup.singleton
        self.connectTimeout = TimeAmount(connectTimeout)
        self.tls = ClientTLS(tls)
    }

    /// The whole answer. Ends at once when its task is cancelled.
    func execute(_ request: HTTPClientRequest, maximumBytes: Int) async throws -> HTTPAnswer {
        guard let origin = request.origin else { throw HTTPExchangeFailure(reason: "its address is not a URL to call") }
        let abort = ExchangeAbort()
        return try await withTaskCancellationHandler {
            while let kept = state.withLock({ $0.idle.take(for: origin) }) {
                do {
                    return try await exchange(request, with: origin, on: kept, maximumBytes, abort)
                } catch ConnectionEnd.unused {
                    continue
                } catch ConnectionEnd.unanswered where request.isIdempotent {
                    break
                }
            }
            let channel = try await connect(to: origin, abort)
            return try await exchange(request, with: origin, on: channel, maximumBytes, abort)
        } onCancel: {
            abort.abort()
        }
    }

    /// Closes every connection; what runs fails.
    package func shutdown() async {
        let open = state.withLock { state in
            state.isShutDown = true
            return Array(state.open.values)
        }
        for channel in open { try? await channel.close() }
    }

    private func exchange(
        _ request: HTTPClientRequest, with origin: HTTPOrigin, on channel: any Channel, _ maximumBytes: Int,
        _ abort: ExchangeAbort
    ) async throws -> HTTPAnswer {
        guard abort.closes(channel) else { throw CancellationError() }
        let promise = channel.eventLoop.makePromise(of: CompletedExchange.self)
        let order = ExchangeOrder(
            head: request.head, body: request.body?.buffer, maximumBytes: maximumBytes, promise: promise)
        channel.writeAndFlush(order).whenFailure { _ in promise.fail(ConnectionEnd.unused) }
        let completed = try await promise.futureResult.get()
        abort.release()
        if completed.isReusable, !state.withLock({ !$0.isShutDown && $0.idle.put(channel, for: origin) }) {
            channel.close(promise: nil)
        }
        return completed.answer
    }

    // MARK: Connecting

    private func connect(to origin: HTTPOrigin, _ abort: ExchangeAbort) async throws -> any Channel {
        let prepare = try pipeline(for: origin)
        let bootstrap = ClientBootstrap(group: group).connectTimeout(connectTimeout).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try prepare(channel) }
        }
        let connected: EventLoopFuture<any Channel>
        switch origin {
        case .tcp(let host, let port, _): connected = bootstrap.connect(host: host, port: port)
        case .unix(let path): connected = bootstrap.connect(unixDomainSocketPath: path)
        }
        let channel = try await abort.waits(for: connected)
        let isWelcome = state.withLock { state in
            if !state.isShutDown { state.open[ObjectIdentifier(channel)] = channel }
            return !state.isShutDown
        }
        guard isWelcome else {
            channel.close(promise: nil)
            throw HTTPExchangeFailure(reason: "it was not called, as everything stops")
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            _ = self?.state.withLock { $0.open.removeValue(forKey: ObjectIdentifier(channel)) }
        }
        return channel
    }

    private func pipeline(for origin: HTTPOrigin) throws -> @Sendable (any Channel) throws -> Void {
        var tls: (context: NIOSSLContext, host: String?)?
        if case .tcp(let host, _, isSecure: true) = origin {
            // Without a name, NIOSSL verifies the certificate against the address.
            let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
            tls = (try self.tls.context(), isAddress ? nil : host)
        }
        return { [tls] channel in
            let pipeline = channel.pipeline.syncOperations
            if let tls {
                try pipeline.addHandler(NIOSSLClientHandler(context: tls.context, serverHostname: tls.host))
            }
            try pipeline.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
            try pipeline.addHandler(ExchangeHandler())
        }
    }
}
