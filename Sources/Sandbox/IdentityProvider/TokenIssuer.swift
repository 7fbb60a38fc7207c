package import FoundationEssentials

/// Makes ID and access tokens for sign-ins, and keeps what codes, devices and refresh tokens stand for.
package actor TokenIssuer {
    /// What can be set about the tokens.
    package struct Settings: Sendable {
        /// The address of the provider, exactly as the tokens' `iss` says it.
        package var issuer: String
        package var idTokenLifetime: Duration
        /// Whether a refresh hands out a new refresh token and spends the old one.
        package var rotatesRefreshTokens: Bool

        package init(issuer: String, idTokenLifetime: Duration, rotatesRefreshTokens: Bool = false) {
            self.issuer = issuer
            self.idTokenLifetime = idTokenLifetime
            self.rotatesRefreshTokens = rotatesRefreshTokens
        }
    }

    /// What a test may want different in a token.
    package struct Variation: Sendable {
        package var lifetime: Duration?
        package var audience: String?
        package var algorithm: SigningKeys.Algorithm = .rs256
        package var tags: WebIdentityTags?
        package var sourceIdentity: String?

        package init() {}
    }

    package nonisolated let settings: Settings
    package nonisolated let keys: SigningKeys
    private let now: @Sendable () -> Date
    private var records = SignInRecords()
    private var devices = DeviceSignIns()

    package init(settings: Settings, keys: SigningKeys, now: @escaping @Sendable () -> Date) {
        self.settings = settings
        self.keys = keys
        self.now = now
    }

    /// Signs a sample user in without a page: for the sandbox's own start and for tests.
    package func signIn(
        _ user: SampleUser, clientID: String, varied variation: Variation = Variation()
    ) async throws -> IssuedTokens {
        let session = SignInSession(
            user: user, clientID: clientID, scope: "openid email profile", nonce: nil, authenticatedAt: now(),
            family: RandomText.urlSafe(bytes: 12))
        return try await tokens(for: session, refreshToken: records.makeRefreshToken(for: session), varied: variation)
    }

    func makeCode(for request: AuthorizationRequest, user: SampleUser) -> String {
        let time = now()
        let session = SignInSession(
            user: user, clientID: request.clientID, scope: request.scope, nonce: request.nonce, authenticatedAt: time,
            family: RandomText.urlSafe(bytes: 12))
        return records.makeCode(for: session, request: request, now: time)
    }

    func redeem(
        code: String, clientID: String, redirectURI: String, verifier: String
    ) async throws -> IssuedTokens {
        let session = try records.redeem(
            code: code, clientID: clientID, redirectURI: redirectURI, verifier: verifier, now: now())
        return try await tokens(for: session, refreshToken: records.makeRefreshToken(for: session))
    }

    func redeem(refreshToken: String, clientID: String) async throws -> IssuedTokens {
        let rotating = settings.rotatesRefreshTokens
        var session = try records.redeem(refreshToken: refreshToken, clientID: clientID, rotating: rotating)
        // A refreshed token answers no request of a browser, so it repeats no nonce (OpenID Connect Core 12.2).
        session.nonce = nil
        let replacement = rotating ? records.makeRefreshToken(for: session) : nil
        return try await tokens(for: session, refreshToken: replacement)
    }

    func beginDeviceSignIn(clientID: String, scope: String) -> DeviceSignIns.Start {
        devices.begin(clientID: clientID, scope: scope, now: now())
    }

    func decide(userCode: String, user: SampleUser?) -> Bool {
        devices.decide(userCode: userCode, user: user, now: now())
    }

    func poll(deviceCode: String, clientID: String) async throws -> IssuedTokens {
        let session = try devices.poll(deviceCode: deviceCode, clientID: clientID, now: now())
        return try await tokens(for: session, refreshToken: records.makeRefreshToken(for: session))
    }

    func revoke(refreshToken: String) {
        records.revoke(refreshToken: refreshToken)
    }

    /// The claims of an access token of ours that has not expired.
    func claims(ofAccessToken token: String) async throws(OAuthError) -> IDTokenClaims {
        guard let claims = try? await keys.verify(token), claims.tokenUse == "access",
            claims.exp > Int64(now().timeIntervalSince1970)
        else { throw OAuthError(.invalidToken, "the access token is not valid") }
        return claims
    }

    private func tokens(
        for session: SignInSession, refreshToken: String?, varied variation: Variation = Variation()
    ) async throws -> IssuedTokens {
        let lifetime = variation.lifetime ?? settings.idTokenLifetime
        let issued = Int64(now().timeIntervalSince1970)
        let claims = idTokenClaims(for: session, issued: issued, lifetime: lifetime, varied: variation)
        var access = claims
        (access.tokenUse, access.aud, access.clientID, access.scope) = ("access", nil, session.clientID, session.scope)
        (access.email, access.emailVerified, access.nonce, access.amr) = (nil, nil, nil, nil)
        access.jti = RandomText.urlSafe(bytes: 12)
        return IssuedTokens(
            accessToken: try await keys.sign(access, with: variation.algorithm),
            expiresIn: lifetime.components.seconds,
            idToken: try await keys.sign(claims, with: variation.algorithm),
            refreshToken: refreshToken, scope: session.scope)
    }

    private func idTokenClaims(
        for session: SignInSession, issued: Int64, lifetime: Duration, varied variation: Variation
    ) -> IDTokenClaims {
        IDTokenClaims(
            iss: settings.issuer, sub: session.user.subject, aud: variation.audience ?? session.clientID,
            exp: issued.addingReportingOverflow(lifetime.components.seconds).partialValue, nbf: issued, iat: issued,
            authTime: Int64(session.authenticatedAt.timeIntervalSince1970), tokenUse: "id", nonce: session.nonce,
            amr: ["sandbox"], email: session.user.email, emailVerified: true, username: session.user.name,
            teams: session.user.team, costCenter: session.user.costCenter, jti: RandomText.urlSafe(bytes: 12),
            awsTags: variation.tags, awsSourceIdentity: variation.sourceIdentity)
    }
}

/// The answer of the token endpoint (RFC 6749 section 5.1, OpenID Connect Core 3.1.3.3).
package struct IssuedTokens: Codable, Sendable {
    package var accessToken: String
    package var tokenType = "Bearer"
    /// Seconds.
    package var expiresIn: Int64
    package var idToken: String
    package var refreshToken: String?
    package var scope: String

    enum CodingKeys: String, CodingKey {
        case scope
        case accessToken = "access_token"
        case tokenType = "token_type"
        case expiresIn = "expires_in"
        case idToken = "id_token"
        case refreshToken = "refresh_token"
    }
}
