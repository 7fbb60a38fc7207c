import HTTPExchange
package import NIOCore
import NIOHTTP1
import NIOPosix

/// A listener on 127.0.0.1 that waits for the browser to come back from a sign-in (RFC 8252 section 7.3), and ends then.
package struct LoopbackRedirect: Sendable {
    /// Whether the other end of an accepted connection may come; on its event loop.
    package typealias Admission = @Sendable (any Channel) -> Bool

    /// What to give as `redirect_uri`: `http://127.0.0.1:PORT/callback`.
    package let redirectURI: String
    private let listener: any Channel
    let arrivals: AsyncStream<RedirectArrival>

    /// Starts to listen; port 0 means any free one. Fails with ``SignInError/cannotListen(_:)``. End it with
    /// ``code(answering:within:clock:)`` or ``close()``.
    /// - Parameter admits: whether somebody may come at all, asked once for each connection; `nil` lets everybody.
    package static func listen(
        port: Int = 0, path: String = "/callback", admits: Admission? = nil
    ) async throws(SignInError) -> LoopbackRedirect {
        guard (0...65_535).contains(port) else { throw .cannotListen("\(port) is not a port") }
        let (arrivals, continuation) = AsyncStream.makeStream(
            of: RedirectArrival.self, bufferingPolicy: .bufferingNewest(16))
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let isAdmitted = admits?(channel) ?? true
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(IdleStateHandler(allTimeout: .seconds(30)))
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(RedirectHandler(path: isAdmitted ? path : nil, arrivals: continuation))
                }
            }
        do {
            let listener = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
            guard let bound = listener.localAddress?.port else { throw SignInError.cannotListen("no local address") }
            return LoopbackRedirect(
                redirectURI: "http://127.0.0.1:\(bound)\(path)", listener: listener, arrivals: arrivals)
        } catch {
            throw .cannotListen("port \(port) on 127.0.0.1: \(Excerpt.line(String(describing: error)))")
        }
    }

    /// Waits for the answer to `request`, shows the browser a plain page, stops listening, and returns the code. Redirects
    /// that do not belong to the request are turned away and waited past.
    package func code(
        answering request: AuthorizationRequest,
        within limit: Duration,
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws(SignInError) -> String {
        let result = await withTaskGroup(of: Result<String, SignInError>?.self) { group in
            group.addTask { await firstAnswer(to: request) }
            group.addTask {
                do { try await clock.sleep(for: limit) } catch { return nil }
                return .failure(.timedOut)
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        await close()
        guard let result else { throw .timedOut }
        return try result.get()
    }

    /// Whether it still listens. That its port is open says nothing: somebody else may have it by now.
    package var isListening: Bool { listener.isActive }

    /// Stops listening. May be called more than once.
    package func close() async {
        // A listener that is closed already has nothing left to tell.
        try? await listener.close().get()
    }

    private func firstAnswer(to request: AuthorizationRequest) async -> Result<String, SignInError>? {
        for await arrival in arrivals {
            do throws(SignInError) {
                let code = try request.code(fromRedirect: arrival.target)
                await arrival.answer(.finished)
                return .success(code)
            } catch .stateMismatch {
                await arrival.answer(.notOurs)
            } catch {
                await arrival.answer(.failed)
                return .failure(error)
            }
        }
        return nil
    }
}
