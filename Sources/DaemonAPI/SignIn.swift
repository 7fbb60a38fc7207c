/// `PUT /v1/sign-in`: hands a finished sign-in to the daemon, which keeps and refreshes it. `DELETE` forgets it.
/// The connection's uid says whose sign-in it is.
package struct SignIn: Codable, Sendable {
    /// The OpenID provider that issued the tokens; must be the one the daemon is configured for.
    package var issuer: String
    package var clientID: String
    package var idToken: String
    package var refreshToken: String?
    /// In seconds from now, 1 to 31536000; `nil` if it has no end or the provider doesn't say.
    package var refreshTokenExpiresIn: Int?

    package init(
        issuer: String, clientID: String, idToken: String, refreshToken: String?, refreshTokenExpiresIn: Int? = nil
    ) {
        self.issuer = issuer
        self.clientID = clientID
        self.idToken = idToken
        self.refreshToken = refreshToken
        self.refreshTokenExpiresIn = refreshTokenExpiresIn
    }

    enum CodingKeys: String, CodingKey {
        case issuer
        case clientID = "client_id"
        case idToken = "id_token"
        case refreshToken = "refresh_token"
        case refreshTokenExpiresIn = "refresh_token_expires_in"
    }
}

/// The answer to `DELETE /v1/sign-in`. The daemon has forgotten everything, whatever it says.
package struct SignOutAnswer: Codable, Sendable, Equatable {
    package enum RefreshToken: String, Codable, Sendable {
        /// There was none.
        case none
        case revoked
        /// The identity provider offers no revocation, or was not reached.
        case notRevoked = "not_revoked"
    }

    package var refreshToken: RefreshToken
    /// Why it was not revoked.
    package var reason: String?

    package init(refreshToken: RefreshToken, reason: String? = nil) {
        self.refreshToken = refreshToken
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case reason
        case refreshToken = "refresh_token"
    }
}

/// Every error answer of the control socket.
package struct DaemonError: Codable, Sendable, Equatable, Error {
    /// Stable, for programs.
    package var code: String
    /// One sentence that says what to do next.
    package var message: String

    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// The answer to `GET /v1/id-token`: the asking user's own ID token, for verbs that call the broker themselves.
package struct IDTokenAnswer: Codable, Sendable {
    package var idToken: String

    package init(idToken: String) {
        self.idToken = idToken
    }

    enum CodingKeys: String, CodingKey {
        case idToken = "id_token"
    }
}
