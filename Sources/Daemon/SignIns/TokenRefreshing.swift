package import Credentials
package import HTTPExchange
package import OIDC

/// The identity provider, as the daemon uses it.
package protocol TokenRefreshing: Sendable {
    func refresh(_ refreshToken: Secret) async throws(SignInError) -> TokenSet
    /// Ends the token, so that whoever has a copy of it has nothing.
    func revoke(_ refreshToken: Secret) async throws(SignInError)
}

/// Where nobody signs in.
struct NoProvider: TokenRefreshing {
    func refresh(_ refreshToken: Secret) async throws(SignInError) -> TokenSet { throw .signInRequired }
    func revoke(_ refreshToken: Secret) async throws(SignInError) {}
}

/// The configured provider. Its endpoints are discovered at the first refresh and then remembered.
package actor ConfiguredProvider: TokenRefreshing {
    private let http: HTTPClient
    private let issuer: String
    private let clientID: String
    private var endpoint: TokenEndpoint?

    package init(http: HTTPClient, issuer: String, clientID: String) {
        self.http = http
        self.issuer = issuer
        self.clientID = clientID
    }

    package func refresh(_ refreshToken: Secret) async throws(SignInError) -> TokenSet {
        try await discoveredEndpoint().refresh(refreshToken)
    }

    package func revoke(_ refreshToken: Secret) async throws(SignInError) {
        try await discoveredEndpoint().revoke(refreshToken)
    }

    private func discoveredEndpoint() async throws(SignInError) -> TokenEndpoint {
        if let endpoint { return endpoint }
        let metadata = try await ProviderDiscovery(http: http).metadata(of: issuer)
        let found = TokenEndpoint(http: http, metadata: metadata, clientID: clientID)
        endpoint = found
        return found
    }
}
