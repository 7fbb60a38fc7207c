/// The discovery document (OpenID Connect Discovery 1.0 section 3, RFC 8414, RFC 8628 section 4).
package struct ProviderMetadata: Codable, Sendable, Equatable {
    package var issuer: String
    package var authorization_endpoint: String
    package var token_endpoint: String
    package var device_authorization_endpoint: String
    package var userinfo_endpoint: String
    package var revocation_endpoint: String
    package var jwks_uri: String
    package var response_types_supported = ["code"]
    package var grant_types_supported = [
        "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code",
    ]
    package var code_challenge_methods_supported = ["S256"]
    package var subject_types_supported = ["public"]
    package var id_token_signing_alg_values_supported = ["RS256", "ES256"]
    package var token_endpoint_auth_methods_supported = ["none"]
    package var scopes_supported = ["openid", "email", "profile"]
    package var authorization_response_iss_parameter_supported = true

    package init(issuer: String) {
        self.issuer = issuer
        authorization_endpoint = issuer + "/authorize"
        token_endpoint = issuer + "/token"
        device_authorization_endpoint = issuer + "/device_authorization"
        userinfo_endpoint = issuer + "/userinfo"
        revocation_endpoint = issuer + "/revoke"
        jwks_uri = issuer + "/jwks"
    }
}
