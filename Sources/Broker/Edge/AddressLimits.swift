import AccessControl
import FoundationEssentials

/// How much one address may ask of the broker, whoever is behind it; floods without a sign-in end here.
///
/// A host commonly has a whole /64 of IPv6 for itself, so that is what counts as one address there.
package struct AddressLimits: Sendable {
    /// A company's people may share one address.
    package static let defaultRequestsPerSecond = 200
    /// Who mistypes doesn't come near it, who guesses does.
    package static let defaultFailuresPerMinute = 60

    private let requests: RequestPace<SourceAddress>
    private let failures: RequestPace<SourceAddress>

    package init(
        requestsPerSecond: Int = defaultRequestsPerSecond, failuresPerMinute: Int = defaultFailuresPerMinute
    ) {
        requests = RequestPace(perSecond: Double(requestsPerSecond))
        failures = RequestPace(perSecond: Double(failuresPerMinute) / 60, burst: 60)
    }

    /// Counts a request. Fails if the address asks too often, or has failed to sign in too often.
    func admit(_ address: SourceAddress?, at instant: Date) throws(AuthenticationFailure) {
        guard let network = address?.network else { return }
        let excess =
            requests.excess(of: network, at: instant) ?? failures.excess(of: network, at: instant, counting: false)
        if let excess { throw .tooOften(retryAfter: Int(excess.rounded(.up))) }
    }

    /// Counts a token that was refused, or a sign-in that failed like one.
    func countFailure(of address: SourceAddress?, at instant: Date) {
        guard let network = address?.network else { return }
        _ = failures.excess(of: network, at: instant)
    }
}
