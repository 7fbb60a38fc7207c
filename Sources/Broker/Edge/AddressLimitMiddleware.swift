import AccessControl
import FoundationEssentials
import Hummingbird

/// Refuses the requests of an address that sends too many, and counts the sign-ins that fail there.
struct AddressLimitMiddleware: RouterMiddleware {
    let edge: BrokerEdge
    let metrics: BrokerMetrics
    let now: @Sendable () -> Date

    func handle(
        _ request: Request, context: BrokerRequestContext,
        next: @concurrent (Request, BrokerRequestContext) async throws -> Response
    ) async throws -> Response {
        let (limits, peer) = (edge.addresses, ConnectionPeer(context.channel.remoteAddress))
        let address = edge.proxies.counted(
            RequestSource.current.address, of: peer, forwarded: ForwardedAddresses(request.headers))
        do throws(AuthenticationFailure) {
            try limits.admit(address, at: now())
        } catch {
            metrics.limited(by: "address")
            throw error
        }
        do {
            return try await next(request, context)
        } catch let failure as AuthenticationFailure {
            if case .tooOften = failure { metrics.limited(by: "principal") }
            if failure.isGuess {
                metrics.signInFailed(failure.problem)
                limits.countFailure(of: address, at: now())
            }
            throw failure
        }
    }
}

extension AuthenticationFailure {
    /// Whether somebody presented something that is no good, rather than nothing, or something good at a bad time.
    fileprivate var isGuess: Bool {
        switch self {
        case .malformedHeader, .refused: true
        case .noToken, .keysUnavailable, .unusableClaim, .tooOften: false
        }
    }
}
