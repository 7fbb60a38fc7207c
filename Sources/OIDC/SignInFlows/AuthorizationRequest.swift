package import Credentials
import Cryptography

/// One sign-in in the browser: authorization code with PKCE (RFC 6749 section 4.1, RFC 7636, RFC 9700 section 2.1.1).
/// Make a new one for each sign-in.
package struct AuthorizationRequest: Sendable {
    /// Where to send the browser.
    package let url: String
    /// What ``TokenEndpoint/redeem(code:verifier:redirectURI:)`` wants.
    package let codeVerifier: Secret
    package let redirectURI: String
    private let issuer: String
    private let secrets: AuthorizationSecrets

    package init(
        metadata: ProviderMetadata,
        clientID: String,
        redirectURI: String,
        scopes: [String] = ["openid", "profile", "email", "offline_access"],
        secrets: AuthorizationSecrets = .random()
    ) {
        let challenge = secrets.verifier.withBytes { Digest(of: $0) }
        let query = FormEncoding.text([
            (name: "response_type", value: "code"),
            (name: "client_id", value: clientID),
            (name: "redirect_uri", value: redirectURI),
            (name: "scope", value: scopes.joined(separator: " ")),
            (name: "state", value: secrets.state.revealed()),
            (name: "nonce", value: secrets.nonce.revealed()),
            (name: "code_challenge", value: Base64URL.text(challenge.bytes)),
            (name: "code_challenge_method", value: "S256"),
        ])
        url = metadata.authorizationEndpoint + (metadata.authorizationEndpoint.contains("?") ? "&" : "?") + query
        codeVerifier = secrets.verifier
        self.redirectURI = redirectURI
        issuer = metadata.issuer
        self.secrets = secrets
    }

    /// The code in a redirect's path and query. ``SignInError/stateMismatch`` means that the redirect is not an answer to
    /// this request; other errors are the provider's answer.
    package func code(fromRedirect target: String) throws(SignInError) -> String {
        let query = target.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        guard query.count == 2, let fields = FormEncoding.fields(Substring(query[1])),
            let state = Self.single("state", in: fields), secrets.state.matches(state.utf8)
        else { throw .stateMismatch }
        if let issuer = Self.single("iss", in: fields) {
            // RFC 9207: another issuer's answer must not be taken for this one's.
            guard issuer == self.issuer else { throw .foreignAnswer("the redirect comes from another issuer") }
        }
        if let error = Self.single("error", in: fields) {
            throw TokenAnswer.refusal(code: error, description: Self.single("error_description", in: fields))
        }
        guard let code = Self.single("code", in: fields), !code.isEmpty else {
            throw .invalidAnswer("the redirect has no code, or more than one")
        }
        return code
    }

    /// Fails unless the token was issued for this very request (OpenID Connect Core 1.0 section 3.1.3.7, item 11).
    package func checkNonce(of token: UnverifiedIDToken) throws(SignInError) {
        guard let nonce = token.nonce, secrets.nonce.matches(nonce.utf8) else {
            throw .foreignAnswer("the ID token's nonce is not this sign-in's")
        }
    }

    private static func single(_ name: String, in fields: [(name: String, value: String)]) -> String? {
        let values = fields.filter { $0.name == name }
        return values.count == 1 ? values[0].value : nil
    }
}
