package import HTTPExchange

/// Asks a provider for its endpoints.
package struct ProviderDiscovery: Sendable {
    private let exchange: ProviderExchange

    package init(
        http: HTTPClient, timeout: Duration = .seconds(10), clock: any Clock<Duration> = ContinuousClock()
    ) {
        exchange = ProviderExchange(http: http, timeout: timeout, clock: clock)
    }

    /// The issuer's discovery document. It must name this very issuer, and every address in it must be https (http for
    /// loopback only); otherwise ``SignInError/invalidAnswer(_:)``.
    package func metadata(of issuer: String) async throws(SignInError) -> ProviderMetadata {
        guard SecureURL.isAcceptable(issuer) else {
            throw .refused("the issuer \"\(Excerpt.line(issuer))\" is not an https URL; http is for loopback only")
        }
        let address = DiscoveryAddress.url(of: issuer)
        let answer = try await answer(at: address)
        guard let metadata = StrictJSON.decode(ProviderMetadata.self, from: answer.body) else {
            throw .invalidAnswer("\(address) is not a discovery document with the endpoints of a sign-in")
        }
        guard metadata.issuer == issuer else {
            throw .invalidAnswer("\(address) is the document of another issuer, \"\(Excerpt.line(metadata.issuer))\"")
        }
        guard metadata.addresses.allSatisfy(SecureURL.isAcceptable) else {
            throw .invalidAnswer("\(address) names an endpoint that is not https")
        }
        return metadata
    }

    private func answer(at address: String) async throws(SignInError) -> ProviderExchange.Answer {
        do throws(ProviderExchange.Failure) {
            let answer = try await exchange.get(address)
            if answer.status == 200 { return answer }
            throw ProviderExchange.Failure(reason: "\(address) answered with status \(answer.status)")
        } catch {
            throw .unavailable(error.reason)
        }
    }
}
