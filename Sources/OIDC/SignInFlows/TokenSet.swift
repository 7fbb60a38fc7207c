package import Credentials

/// What the token endpoint gave.
package struct TokenSet: Sendable, Equatable {
    package let idToken: Secret
    /// `nil` if the provider gave none; after a refresh that means: keep using the one you have (RFC 6749 section 6).
    package let refreshToken: Secret?
    /// The provider's `expires_in`: the access token's lifetime. Judge the ID token by its own `exp`.
    package let expiresIn: Duration?
    /// Of the refresh token that is to be used from now on, counted from the answer.
    package let refreshLifetime: RefreshTokenLifetime

    package init(
        idToken: Secret, refreshToken: Secret?, expiresIn: Duration?, refreshLifetime: RefreshTokenLifetime = .unstated
    ) {
        self.idToken = idToken
        self.refreshToken = refreshToken
        self.expiresIn = expiresIn
        self.refreshLifetime = refreshLifetime
    }
}

/// What a provider says of how long a refresh token is good for. No standard has a field for it; some providers have their own.
package enum RefreshTokenLifetime: Sendable, Equatable {
    case unstated
    /// It ends by no time.
    case unlimited
    case limited(Duration)
}
