package import Credentials
package import FoundationEssentials
package import HTTPExchange
package import OIDC
import Synchronization

/// Where browsers sign in: an identity provider, or a test's stand-in for it.
package protocol BrowserSigningIn: Sendable {
    /// Where to send the browser.
    func address(for secrets: AuthorizationSecrets) async throws(SignInError) -> String

    /// What the identity provider says of whoever came back. `target` is path and query of the redirect.
    ///
    /// The token belongs to this sign-in, but nobody has verified it yet.
    func identity(
        answering secrets: AuthorizationSecrets, redirect target: String
    ) async throws(SignInError) -> BrowserIdentity
}

/// An ID token, and when it ends.
package struct BrowserIdentity: Sendable {
    package let idToken: Secret
    package let expiration: Date

    package init(idToken: Secret, expiration: Date) {
        self.idToken = idToken
        self.expiration = expiration
    }
}

/// Authorization code with PKCE, state and nonce (RFC 9700 section 2.1.1, OpenID Connect Core section 3.1).
package final class BrowserProvider: BrowserSigningIn {
    /// How long the provider's own description is believed.
    private static let freshness: TimeInterval = 600
    /// A provider that is down is not asked anew for each browser that begins to sign in.
    private static let pauseAfterFailure: TimeInterval = 5

    private struct Known {
        let outcome: Result<ProviderMetadata, SignInError>
        let at: Date

        func isFresh(at now: Date) -> Bool {
            let age = now.timeIntervalSince(at)
            switch outcome {
            case .success: return (0..<BrowserProvider.freshness).contains(age)
            case .failure: return (0..<BrowserProvider.pauseAfterFailure).contains(age)
            }
        }
    }

    private let settings: WebSettings
    private let http: HTTPClient
    private let timeout: Duration
    private let now: @Sendable () -> Date
    private let known = Mutex<Known?>(nil)

    package init(
        _ settings: WebSettings, http: HTTPClient, timeout: Duration = .seconds(5), now: @escaping @Sendable () -> Date
    ) {
        self.settings = settings
        self.http = http
        self.timeout = timeout
        self.now = now
    }

    package func address(for secrets: AuthorizationSecrets) async throws(SignInError) -> String {
        try await request(secrets, to: metadata()).url
    }

    package func identity(
        answering secrets: AuthorizationSecrets, redirect target: String
    ) async throws(SignInError) -> BrowserIdentity {
        let metadata = try await metadata()
        let request = request(secrets, to: metadata)
        let code = try request.code(fromRedirect: target)
        let endpoint = TokenEndpoint(
            http: http, metadata: metadata, clientID: settings.clientID, clientSecret: settings.clientSecret,
            timeout: timeout)
        let tokens = try await endpoint.redeem(
            code: code, verifier: request.codeVerifier, redirectURI: request.redirectURI)
        let token = try UnverifiedIDToken(tokens.idToken)
        try request.checkNonce(of: token)
        guard token.issuer == settings.issuer else {
            throw .foreignAnswer("the ID token's issuer is not the one that was asked")
        }
        return BrowserIdentity(idToken: tokens.idToken, expiration: token.expiration)
    }

    private func request(_ secrets: AuthorizationSecrets, to metadata: ProviderMetadata) -> AuthorizationRequest {
        AuthorizationRequest(
            metadata: metadata, clientID: settings.clientID, redirectURI: settings.redirectURI,
            scopes: settings.scopes, secrets: secrets)
    }

    private func metadata() async throws(SignInError) -> ProviderMetadata {
        let instant = now()
        if let known = known.withLock({ $0 }), known.isFresh(at: instant) { return try known.outcome.get() }
        let outcome: Result<ProviderMetadata, SignInError>
        do throws(SignInError) {
            outcome = .success(
                try await ProviderDiscovery(http: http, timeout: timeout).metadata(of: settings.issuer))
        } catch {
            outcome = .failure(error)
        }
        known.withLock { $0 = Known(outcome: outcome, at: instant) }
        return try outcome.get()
    }
}
