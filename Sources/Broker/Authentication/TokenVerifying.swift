package import IDTokens
package import OIDC

/// Tells whether an ID token is genuine, current and meant for this broker.
package protocol TokenVerifying: Sendable {
    func verify(_ token: String) async throws(IDTokenError) -> VerifiedIDToken
}

extension IDTokenVerifier: TokenVerifying {}
