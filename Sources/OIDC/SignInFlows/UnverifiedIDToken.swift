package import Credentials
package import FoundationEssentials

/// What an ID token says about itself, **without any check of its signature**: for showing who is signed in and for
/// knowing when to refresh. Never decide access by it; that is ``IDTokenVerifier``'s.
package struct UnverifiedIDToken: Sendable {
    package let issuer: String?
    package let subject: String
    package let expiration: Date
    package let nonce: String?
    package let claims: [String: ClaimValue]

    /// Fails with ``SignInError/invalidAnswer(_:)`` if it is not a JWT with `sub` and `exp`.
    package init(_ token: Secret) throws(SignInError) {
        let claims: [String: ClaimValue]
        do throws(IDTokenError) {
            claims = try CompactJWS(token.revealed()).claims
        } catch {
            throw .invalidAnswer(error.description)
        }
        guard let subject = claims["sub"]?.stringValue, !subject.isEmpty,
            let expiration = claims["exp"].flatMap(NumericDate.date)
        else { throw .invalidAnswer("the ID token has no sub or no exp") }
        issuer = claims["iss"]?.stringValue
        nonce = claims["nonce"]?.stringValue
        self.subject = subject
        self.expiration = expiration
        self.claims = claims
    }

    /// The name to show: the first of `preferred_username`, `email`, `cognito:username`, `name` and `sub`.
    package var displayName: String {
        ["preferred_username", "email", "cognito:username", "name"]
            .compactMap { claims[$0]?.stringValue }
            .first { !$0.isEmpty } ?? subject
    }
}
