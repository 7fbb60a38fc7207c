import Credentials
import FoundationEssentials
import HTTPExchange
import OIDC

/// One person's sign-in, as the daemon keeps it.
struct SignInSession: Sendable {
    let idToken: Secret
    let refreshToken: Secret?
    /// The issuer, as the token has it.
    let issuer: String?
    /// Unique within the issuer.
    let subject: String
    /// Of the ID token.
    let expiration: Date
    /// For display and logs only, and fit for one line: the broker verifies the token, the daemon does not.
    let displayName: String
    /// When the whole sign-in ends: with the ID token, where it can't be refreshed; otherwise nobody says.
    var end: Date? { refreshToken == nil ? expiration : nil }

    /// Takes over tokens without checking their signature: the broker does that at each call.
    init(idToken: Secret, refreshToken: Secret?) throws(SignInError) {
        let claims = try UnverifiedIDToken(idToken)
        self.idToken = idToken
        self.refreshToken = refreshToken
        issuer = claims.issuer
        subject = claims.subject
        expiration = claims.expiration
        displayName = Excerpt.line(claims.displayName, limit: 128)
    }
}
