import Credentials
import FoundationEssentials
import HTTPExchange
import OIDC

/// One person's sign-in, as the daemon keeps it.
struct SignInSession: Sendable {
    let idToken: Secret
    let refreshToken: Secret?
    /// When the refresh token ends; `nil` if there is none, if it has no end, or if the provider doesn't say.
    let refreshTokenEnd: Date?
    /// The issuer, as the token has it.
    let issuer: String?
    /// Unique within the issuer.
    let subject: String
    /// Of the ID token.
    let expiration: Date
    /// For display and logs only, and fit for one line: the broker verifies the token, the daemon does not.
    let displayName: String
    /// When the whole sign-in ends, with the last of its tokens; `nil` if nobody says.
    var end: Date? {
        guard refreshToken != nil else { return expiration }
        return refreshTokenEnd.map { max($0, expiration) }
    }

    /// Takes over tokens without checking their signature: the broker does that at each call.
    init(idToken: Secret, refreshToken: Secret?, refreshTokenEnd: Date? = nil) throws(SignInError) {
        let claims = try UnverifiedIDToken(idToken)
        self.idToken = idToken
        self.refreshToken = refreshToken
        self.refreshTokenEnd = refreshToken == nil ? nil : refreshTokenEnd
        issuer = claims.issuer
        subject = claims.subject
        expiration = claims.expiration
        displayName = Excerpt.line(claims.displayName, limit: 128)
    }

    /// What it becomes by the answer to a refresh that began at `now`.
    ///
    /// An answer that tells no lifetime leaves the end where it was as long as the refresh token is the same, for nothing says that
    /// a refresh prolongs it. Of a token that is new nothing is known then: the old one's end would be a guess.
    func refreshed(by tokens: TokenSet, at now: Date) throws(SignInError) -> SignInSession {
        let isSame = tokens.refreshToken == nil || tokens.refreshToken == refreshToken
        let end: Date? =
            switch tokens.refreshLifetime {
            case .limited(let lifetime): now + TimeInterval(lifetime.components.seconds)
            case .unlimited: nil
            case .unstated: isSame ? refreshTokenEnd : nil
            }
        return try SignInSession(
            idToken: tokens.idToken, refreshToken: tokens.refreshToken ?? refreshToken, refreshTokenEnd: end)
    }
}
