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
        } catch {
            // A page that says so carries it along.
            if let failure = error as? AuthenticationFailure ?? (error as? WebRefusal)?.failure {
                count(failure, of: address)
            }
            throw error
        }
    }

    private func count(_ failure: AuthenticationFailure, of address: SourceAddress?) {
        if case .tooOften = failure { metrics.limited(by: "principal") }
        if failure.isRefusal { metrics.signInFailed(failure.problem) }
        if failure.isGuess { edge.addresses.countFailure(of: address, at: now()) }
    }
}

extension AuthenticationFailure {
    /// Whether somebody tried to sign in and is refused.
    fileprivate var isRefusal: Bool {
        if case .noSignIn = self { true } else { isGuess }
    }

    /// Whether somebody presented something that is no good, rather than nothing, or something good at a bad time.
    fileprivate var isGuess: Bool {
        switch self {
        case .malformedHeader, .refused: true
        case .noSignIn(let problem): problem.isGuess
        case .noToken, .keysUnavailable, .unusableClaim, .tooOften: false
        }
    }
}
