package import Credentials

/// What the token endpoint gave.
package struct TokenSet: Sendable, Equatable {
    package let idToken: Secret
    /// `nil` if the provider gave none; after a refresh that means: keep using the one you have (RFC 6749 section 6).
    package let refreshToken: Secret?
    /// The provider's `expires_in`: the access token's lifetime. Judge the ID token by its own `exp`.
    package let expiresIn: Duration?

    package init(idToken: Secret, refreshToken: Secret?, expiresIn: Duration?) {
        self.idToken = idToken
        self.refreshToken = refreshToken
        self.expiresIn = expiresIn
    }
}
