import OIDC

/// An identity provider whose ID tokens are accepted, and on which terms.
package struct TrustedIssuer: Sendable, Equatable {
    /// Exactly the `iss` claim.
    package let issuer: String
    /// A token must be for one of these: the client ids registered at the provider.
    package let audiences: [String]
    /// Where the keys are, if not where the provider's discovery document says.
    package let jwksURI: String?
    /// Algorithms a token may be signed with.
    package let algorithms: [String]
    /// What the claim `token_use` must be (Amazon Cognito: `id`); not looked at when absent.
    package let tokenUse: String?
    /// How far the provider's clock may be off.
    package let clockSkew: Duration

    /// Asymmetric algorithms of RFC 7518 section 3.1 and RFC 8037; `none` and HMAC are not among them.
    package static let supportedAlgorithms = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ]

    /// Fails with an ``InvalidTrustedIssuer`` on an issuer or address that is not https (http for loopback only), no
    /// audience, an algorithm that is not supported, or a skew outside 0 to 5 minutes.
    package init(
        issuer: String,
        audiences: [String],
        jwksURI: String? = nil,
        algorithms: [String] = ["RS256", "ES256"],
        tokenUse: String? = nil,
        clockSkew: Duration = .seconds(60)
    ) throws(InvalidTrustedIssuer) {
        guard SecureURL.isAcceptable(issuer) else {
            throw InvalidTrustedIssuer(
                issuer: issuer, reason: "the issuer must be an https URL; http is for loopback only")
        }
        guard jwksURI.map(SecureURL.isAcceptable) ?? true else {
            throw InvalidTrustedIssuer(issuer: issuer, reason: "the JWKS address must be an https URL")
        }
        guard !audiences.isEmpty, audiences.allSatisfy({ !$0.isEmpty }) else {
            throw InvalidTrustedIssuer(issuer: issuer, reason: "it needs at least one audience, and none may be empty")
        }
        guard !algorithms.isEmpty else {
            throw InvalidTrustedIssuer(issuer: issuer, reason: "it needs at least one algorithm")
        }
        if let unknown = algorithms.first(where: { !Self.supportedAlgorithms.contains($0) }) {
            throw InvalidTrustedIssuer(
                issuer: issuer,
                reason: "the algorithm \"\(unknown)\" is not one of \(Self.supportedAlgorithms.joined(separator: ", "))"
            )
        }
        guard clockSkew >= .zero, clockSkew <= .seconds(300) else {
            throw InvalidTrustedIssuer(issuer: issuer, reason: "the clock skew must be 0 to 5 minutes")
        }
        self.issuer = issuer
        self.audiences = audiences
        self.jwksURI = jwksURI
        self.algorithms = algorithms
        self.tokenUse = tokenUse
        self.clockSkew = clockSkew
    }
}

/// Why an issuer cannot be trusted as configured.
package struct InvalidTrustedIssuer: Error, Sendable, Equatable, CustomStringConvertible {
    package let issuer: String
    package let reason: String

    package var description: String { "the issuer \"\(issuer)\" is not usable: \(reason)" }
}
