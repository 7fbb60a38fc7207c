import DaemonAPI
import OIDC

/// Authorization code with PKCE and a redirect to 127.0.0.1 (RFC 8252).
struct BrowserSignIn {
    /// Long enough to find one's second factor.
    private static let patience = Duration.seconds(300)

    let endpoint: TokenEndpoint
    let metadata: ProviderMetadata
    let provider: ProviderStatus
    let port: Int
    let opensBrowser: Bool

    func tokens() async throws(SignInError) -> TokenSet {
        let redirect = try await LoopbackRedirect.listen(port: port)
        let request = AuthorizationRequest(
            metadata: metadata, clientID: provider.clientID, redirectURI: redirect.redirectURI, scopes: provider.scopes)
        if !opensBrowser || !Browser.open(request.url) {
            tell("Open this address in a browser on this machine:\n\n    \(request.url)\n")
        } else {
            tell("Waiting for the browser; if it does not open, go to:\n\n    \(request.url)\n")
        }
        let code = try await redirect.code(answering: request, within: Self.patience)
        let tokens = try await endpoint.redeem(
            code: code, verifier: request.codeVerifier, redirectURI: request.redirectURI)
        try request.checkNonce(of: UnverifiedIDToken(tokens.idToken))
        return tokens
    }
}
