package import Credentials
package import HTTPExchange

/// Trades codes, refresh tokens and device codes for ID tokens. Without a secret, as a public client (RFC 6749 section 2.1).
package struct TokenEndpoint: Sendable {
    private let exchange: ProviderExchange
    private let metadata: ProviderMetadata
    private let clientID: String
    private let clientSecret: Secret?

    package init(
        http: HTTPClient,
        metadata: ProviderMetadata,
        clientID: String,
        clientSecret: Secret? = nil,
        timeout: Duration = .seconds(10),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        exchange = ProviderExchange(http: http, timeout: timeout, clock: clock)
        self.metadata = metadata
        self.clientID = clientID
        self.clientSecret = clientSecret
    }

    /// A new ID token (RFC 6749 section 6). ``SignInError/signInRequired`` is final: forget the refresh token.
    package func refresh(_ refreshToken: Secret) async throws(SignInError) -> TokenSet {
        try await tokens([
            (name: "grant_type", value: "refresh_token"),
            (name: "refresh_token", value: refreshToken.revealed()),
        ])
    }

    /// Ends a refresh token (RFC 7009). ``SignInError/refused(_:)`` if the provider offers no revocation.
    package func revoke(_ refreshToken: Secret) async throws(SignInError) {
        guard let endpoint = metadata.revocationEndpoint else { throw .refused("it has no revocation_endpoint") }
        let answer = try await post(
            [
                (name: "token", value: refreshToken.revealed()), (name: "token_type_hint", value: "refresh_token"),
            ], to: endpoint)
        guard answer.status == 200 else { throw TokenAnswer.refusal(answer) }
    }

    /// The tokens for an authorization code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
    package func redeem(
        code: String, verifier: Secret, redirectURI: String
    ) async throws(SignInError) -> TokenSet {
        try await tokens([
            (name: "grant_type", value: "authorization_code"),
            (name: "code", value: code),
            (name: "redirect_uri", value: redirectURI),
            (name: "code_verifier", value: verifier.revealed()),
        ])
    }

    /// Starts a device sign-in (RFC 8628 section 3.1). ``SignInError/refused(_:)`` if the provider offers none.
    package func beginDeviceAuthorization(
        scopes: [String] = ["openid", "profile", "email", "offline_access"]
    ) async throws(SignInError) -> DeviceAuthorization {
        guard let endpoint = metadata.deviceAuthorizationEndpoint else {
            throw .refused("it has no device_authorization_endpoint")
        }
        let answer = try await post([(name: "scope", value: scopes.joined(separator: " "))], to: endpoint)
        guard answer.status == 200 else { throw TokenAnswer.refusal(answer) }
        return try TokenAnswer.deviceAuthorization(answer)
    }

    /// Asks once whether the person has finished (RFC 8628 section 3.4). Wait `authorization.interval` before each call.
    package func pollDevice(_ authorization: DeviceAuthorization) async throws(SignInError) -> DevicePoll {
        let answer = try await post(
            [
                (name: "grant_type", value: "urn:ietf:params:oauth:grant-type:device_code"),
                (name: "device_code", value: authorization.deviceCode.revealed()),
            ], to: metadata.tokenEndpoint)
        if answer.status == 200 { return .finished(try TokenAnswer.tokens(answer)) }
        switch TokenAnswer.errorCode(answer) {
        case "authorization_pending": return .pending
        case "slow_down": return .slowDown
        default: throw TokenAnswer.refusal(answer)
        }
    }

    private func tokens(_ fields: [(name: String, value: String)]) async throws(SignInError) -> TokenSet {
        let answer = try await post(fields, to: metadata.tokenEndpoint)
        guard answer.status == 200 else { throw TokenAnswer.refusal(answer) }
        return try TokenAnswer.tokens(answer)
    }

    private func post(
        _ fields: [(name: String, value: String)], to url: String
    ) async throws(SignInError) -> ProviderExchange.Answer {
        guard SecureURL.isAcceptable(url) else { throw .refused("the endpoint \(Excerpt.line(url)) is not https") }
        do throws(ProviderExchange.Failure) {
            return try await exchange.post(
                fields + [(name: "client_id", value: clientID)], to: url, authorization: authorization)
        } catch {
            throw .unavailable(error.reason)
        }
    }
    /// Name and secret are form-encoded before they are joined (RFC 6749 section 2.3.1).
    private var authorization: String? {
        guard let clientSecret else { return nil }
        let pair = [clientID, clientSecret.revealed()].map(FormEncoding.encoded).joined(separator: ":")
        return "Basic \(Base64URL.standardText(pair.utf8))"
    }
}
