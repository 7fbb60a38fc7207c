import FoundationEssentials

/// Who signed in, for which client, with what scope: what every token is made from.
struct SignInSession: Sendable, Equatable {
    var user: SampleUser
    var clientID: String
    var scope: String
    var nonce: String?
    var authenticatedAt: Date
    /// All tokens that come from one sign-in; they are revoked together.
    var family: String
}

/// Codes and refresh tokens that the provider has handed out, in memory. Pure state: time comes in with each call.
struct SignInRecords: Sendable {
    /// RFC 6749 section 4.1.2 recommends at most ten minutes; a page and a program need seconds.
    static let codeLifetime: TimeInterval = 60

    private struct Code {
        var session: SignInSession
        var redirectURI: String
        var challenge: String
        var expiry: Date
        var isUsed = false
    }

    private var codes: [String: Code] = [:]
    private var refreshTokens: [String: SignInSession] = [:]
    /// Rotated tokens: using one again means that somebody copied it (RFC 9700 section 4.14.2).
    private var spentRefreshTokens: [String: String] = [:]

    mutating func makeCode(for session: SignInSession, request: AuthorizationRequest, now: Date) -> String {
        codes = codes.filter { $0.value.expiry > now.addingTimeInterval(-600) }
        let code = RandomText.urlSafe(bytes: 32)
        codes[code] = Code(
            session: session, redirectURI: request.redirectURI, challenge: request.codeChallenge,
            expiry: now.addingTimeInterval(Self.codeLifetime))
        return code
    }

    /// Uses a code up, whatever comes of it. A second use revokes what came of the first (RFC 6749 section 4.1.2).
    mutating func redeem(
        code text: String, clientID: String, redirectURI: String, verifier: String, now: Date
    ) throws(OAuthError) -> SignInSession {
        guard let code = codes[text] else { throw OAuthError(.invalidGrant, "the code is unknown") }
        guard !code.isUsed else {
            revoke(family: code.session.family)
            throw OAuthError(.invalidGrant, "the code was used before; its tokens are revoked")
        }
        codes[text]?.isUsed = true
        guard code.expiry > now else { throw OAuthError(.invalidGrant, "the code has expired") }
        guard code.session.clientID == clientID, code.redirectURI == redirectURI else {
            throw OAuthError(.invalidGrant, "the code belongs to another client or redirect address")
        }
        guard CodeVerifier.isValid(verifier, for: code.challenge) else {
            throw OAuthError(.invalidGrant, "the code_verifier does not match the code_challenge")
        }
        return code.session
    }

    mutating func makeRefreshToken(for session: SignInSession) -> String {
        let token = RandomText.urlSafe(bytes: 48)
        refreshTokens[token] = session
        return token
    }

    /// The sign-in behind a refresh token. With rotation the token is spent and must be replaced.
    mutating func redeem(
        refreshToken token: String, clientID: String, rotating: Bool
    ) throws(OAuthError) -> SignInSession {
        if let family = spentRefreshTokens[token] {
            revoke(family: family)
            throw OAuthError(.invalidGrant, "the refresh token was used before; the sign-in is revoked")
        }
        guard let session = refreshTokens[token], session.clientID == clientID else {
            throw OAuthError(.invalidGrant, "the refresh token is unknown or revoked")
        }
        if rotating {
            refreshTokens[token] = nil
            spentRefreshTokens[token] = session.family
        }
        return session
    }

    /// Ends the sign-in a refresh token belongs to; an unknown token is no error (RFC 7009 section 2.2).
    mutating func revoke(refreshToken token: String) {
        guard let family = refreshTokens[token]?.family ?? spentRefreshTokens[token] else { return }
        revoke(family: family)
    }

    private mutating func revoke(family: String) {
        refreshTokens = refreshTokens.filter { $0.value.family != family }
    }
}
