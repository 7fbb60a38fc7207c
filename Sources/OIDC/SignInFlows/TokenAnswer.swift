import Credentials
import HTTPExchange

/// Reads what token and device endpoints answer.
enum TokenAnswer {
    /// The tokens of a 200 (OpenID Connect Core 1.0 section 3.1.3.3).
    static func tokens(_ answer: ProviderExchange.Answer) throws(SignInError) -> TokenSet {
        guard let fields = fields(answer) else { throw .invalidAnswer("it is not JSON") }
        guard let idToken = fields["id_token"]?.stringValue, !idToken.isEmpty else {
            throw .invalidAnswer("it has no id_token; ask for the scope openid")
        }
        return TokenSet(
            idToken: Secret(idToken),
            refreshToken: fields["refresh_token"]?.stringValue.flatMap { $0.isEmpty ? nil : Secret($0) },
            expiresIn: seconds(fields["expires_in"]), refreshLifetime: refreshLifetime(fields))
    }

    /// `refresh_expires_in` is Keycloak's, where 0 stands for no end, as with offline tokens; `refresh_token_expires_in` is that of
    /// GitHub, Azure AD B2C and Snowflake.
    private static func refreshLifetime(_ fields: [String: ClaimValue]) -> RefreshTokenLifetime {
        for value in [fields["refresh_expires_in"], fields["refresh_token_expires_in"]] {
            if let lifetime = seconds(value) { return .limited(lifetime) }
            if number(value) == 0 { return .unlimited }
        }
        return .unstated
    }

    /// RFC 8628 section 3.2.
    static func deviceAuthorization(_ answer: ProviderExchange.Answer) throws(SignInError) -> DeviceAuthorization {
        guard let fields = fields(answer) else { throw .invalidAnswer("it is not JSON") }
        guard let deviceCode = fields["device_code"]?.stringValue, let userCode = fields["user_code"]?.stringValue,
            let address = fields["verification_uri"]?.stringValue, let lifetime = seconds(fields["expires_in"])
        else { throw .invalidAnswer("it lacks device_code, user_code, verification_uri or expires_in") }
        let complete = fields["verification_uri_complete"]?.stringValue
        guard SecureURL.isAcceptable(address), complete.map(SecureURL.isAcceptable) ?? true else {
            throw .invalidAnswer("its verification_uri is not https")
        }
        return DeviceAuthorization(
            deviceCode: Secret(deviceCode),
            userCode: Excerpt.line(userCode, limit: 64),
            verificationURI: address,
            verificationURIComplete: complete,
            expiresIn: lifetime,
            interval: seconds(fields["interval"]) ?? .seconds(5))
    }

    /// The `error` of a failure (RFC 6749 section 5.2), if it has one.
    static func errorCode(_ answer: ProviderExchange.Answer) -> String? {
        fields(answer)?["error"]?.stringValue
    }

    /// A 5xx, 408 or 429 is passing whatever its body says; a 4xx without an error code came from something in between.
    static func refusal(_ answer: ProviderExchange.Answer) -> SignInError {
        guard (400..<500).contains(answer.status), answer.status != 408, answer.status != 429,
            let code = errorCode(answer)
        else { return .unavailable("it answered with status \(answer.status)") }
        return refusal(code: code, description: fields(answer)?["error_description"]?.stringValue)
    }

    /// What an OAuth error code means for us, at the token endpoint and in redirects (RFC 6749 sections 4.1.2.1 and 5.2, RFC
    /// 8628 section 3.5, OpenID Connect Core section 3.1.2.6).
    static func refusal(code: String, description: String?) -> SignInError {
        let reason = Excerpt.line(description.map { "\(code): \($0)" } ?? code)
        return switch code {
        case "invalid_grant", "expired_token", "login_required", "interaction_required", "consent_required",
            "account_selection_required":
            .signInRequired
        case "access_denied": .denied(reason)
        case "server_error", "temporarily_unavailable", "slow_down": .unavailable(reason)
        default: .refused(reason)
        }
    }

    private static func fields(_ answer: ProviderExchange.Answer) -> [String: ClaimValue]? {
        StrictJSON.decode([String: ClaimValue].self, from: answer.body)
    }

    /// Under a second or over a year is not believed.
    private static func seconds(_ value: ClaimValue?) -> Duration? {
        guard let seconds = number(value), (1...31_536_000).contains(seconds) else { return nil }
        return .seconds(seconds)
    }

    /// Some providers write it as text.
    private static func number(_ value: ClaimValue?) -> Double? {
        value?.numberValue ?? value?.stringValue.flatMap(Double.init)
    }
}
