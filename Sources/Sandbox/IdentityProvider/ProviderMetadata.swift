/// The discovery document (OpenID Connect Discovery 1.0 section 3, RFC 8414, RFC 8628 section 4).
package struct ProviderMetadata: Codable, Sendable, Equatable {
    package var issuer: String
    package var authorizationEndpoint: String
    package var tokenEndpoint: String
    package var deviceAuthorizationEndpoint: String
    package var userinfoEndpoint: String
    package var revocationEndpoint: String
    package var jwksUri: String
    package var responseTypesSupported = ["code"]
    package var grantTypesSupported = [
        "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code",
    ]
    package var codeChallengeMethodsSupported = ["S256"]
    package var subjectTypesSupported = ["public"]
    package var idTokenSigningAlgValuesSupported = ["RS256", "ES256"]
    package var tokenEndpointAuthMethodsSupported = ["none"]
    package var scopesSupported = ["openid", "email", "profile"]
    package var authorizationResponseIssParameterSupported = true

    package init(issuer: String) {
        self.issuer = issuer
        authorizationEndpoint = issuer + "/authorize"
        tokenEndpoint = issuer + "/token"
        deviceAuthorizationEndpoint = issuer + "/device_authorization"
        userinfoEndpoint = issuer + "/userinfo"
        revocationEndpoint = issuer + "/revoke"
        jwksUri = issuer + "/jwks"
    }
}
