import Credentials
package import FoundationEssentials
package import HTTPExchange
package import Logging
package import OIDC

/// Verifies ID tokens of the issuers it is told to trust: signature by the issuer's own keys, then issuer, audience,
/// times and use (OpenID Connect Core 1.0 section 3.1.3.7; RFC 8725).
///
/// Keys are cached; see ``KeyCache`` for how long. Copies share the cache.
package struct IDTokenVerifier: Sendable {
    private let issuers: [String: (terms: TrustedIssuer, keys: IssuerKeys)]
    private let now: @Sendable () -> Date

    /// If an issuer is there twice, the first counts. `timeout` bounds each fetch of keys.
    package init(
        issuers: [TrustedIssuer],
        http: HTTPClient,
        logger: Logger,
        timeout: Duration = .seconds(5),
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date
    ) {
        let exchange = ProviderExchange(http: http, timeout: timeout, clock: clock)
        self.issuers = Dictionary(
            issuers.map { terms in
                let source = KeySource(issuer: terms.issuer, jwksURI: terms.jwksURI, exchange: exchange)
                return (terms.issuer, (terms, IssuerKeys(source: source, logger: logger, now: now)))
            },
            uniquingKeysWith: { first, _ in first })
        self.now = now
    }

    /// The token's claims, if it is accepted at this moment.
    package func verify(_ token: String) async throws(IDTokenError) -> VerifiedIDToken {
        let jws = try CompactJWS(token)
        guard let name = jws.claims["iss"]?.stringValue else { throw .missingClaim("iss") }
        guard let issuer = issuers[name] else { throw .unknownIssuer(Excerpt.line(name)) }
        guard issuer.terms.algorithms.contains(jws.algorithm) else {
            throw .algorithmNotAllowed(Excerpt.line(jws.algorithm, limit: 32))
        }
        let key = try await issuer.keys.key(for: jws)
        guard await key.verifies(jws) else { throw .badSignature }
        return try ClaimsCheck(terms: issuer.terms, now: now()).verified(jws.claims)
    }
}
