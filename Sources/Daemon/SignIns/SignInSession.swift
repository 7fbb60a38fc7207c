import Credentials
import FoundationEssentials
import OIDC

/// One person's sign-in, as the daemon keeps it: in memory only.
struct SignInSession: Sendable {
    let idToken: Secret
    let refreshToken: Secret?
    /// Of the ID token.
    let expiration: Date
    /// For display only; the broker verifies, the daemon does not.
    let displayName: String

    /// Takes over tokens without checking their signature: the broker does that at each call.
    init(idToken: Secret, refreshToken: Secret?) throws(SignInError) {
        let claims = try UnverifiedIDToken(idToken)
        self.idToken = idToken
        self.refreshToken = refreshToken
        expiration = claims.expiration
        displayName = claims.displayName
    }
}
