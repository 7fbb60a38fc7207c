/// What a provider says about itself (OpenID Connect Discovery 1.0 section 3; RFC 8414; RFC 8628 section 4).
package struct ProviderMetadata: Sendable, Equatable {
    package let issuer: String
    package let authorizationEndpoint: String
    package let tokenEndpoint: String
    package let jwksURI: String
    /// Absent if the provider has no device flow.
    package let deviceAuthorizationEndpoint: String?
    package let revocationEndpoint: String?
    package let endSessionEndpoint: String?

    package init(
        issuer: String,
        authorizationEndpoint: String,
        tokenEndpoint: String,
        jwksURI: String,
        deviceAuthorizationEndpoint: String? = nil,
        revocationEndpoint: String? = nil,
        endSessionEndpoint: String? = nil
    ) {
        self.issuer = issuer
        self.authorizationEndpoint = authorizationEndpoint
        self.tokenEndpoint = tokenEndpoint
        self.jwksURI = jwksURI
        self.deviceAuthorizationEndpoint = deviceAuthorizationEndpoint
        self.revocationEndpoint = revocationEndpoint
        self.endSessionEndpoint = endSessionEndpoint
    }

    /// All addresses that are there.
    var addresses: [String] {
        [authorizationEndpoint, tokenEndpoint, jwksURI]
            + [deviceAuthorizationEndpoint, revocationEndpoint, endSessionEndpoint].compactMap(\.self)
    }
}

extension ProviderMetadata: Decodable {
    enum CodingKeys: String, CodingKey {
        case issuer
        case authorizationEndpoint = "authorization_endpoint"
        case tokenEndpoint = "token_endpoint"
        case jwksURI = "jwks_uri"
        case deviceAuthorizationEndpoint = "device_authorization_endpoint"
        case revocationEndpoint = "revocation_endpoint"
        case endSessionEndpoint = "end_session_endpoint"
    }
}
