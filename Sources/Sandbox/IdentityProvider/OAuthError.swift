import HTTPTypes
package import Hummingbird

/// An error answer of RFC 6749 section 5.2 (and 4.1.2.1, RFC 8628 section 3.5).
package struct OAuthError: Error, Equatable {
    package enum Code: String, Sendable {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case invalidScope = "invalid_scope"
        case invalidToken = "invalid_token"
        case unsupportedGrantType = "unsupported_grant_type"
        case unsupportedResponseType = "unsupported_response_type"
        case accessDenied = "access_denied"
        case loginRequired = "login_required"
        case authorizationPending = "authorization_pending"
        case slowDown = "slow_down"
        case expiredToken = "expired_token"
    }

    package var code: Code
    package var description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    package init(_ error: FormParameters.Malformed) {
        self.init(.invalidRequest, error.description)
    }

    private struct Body: Encodable {
        var error: String
        var errorDescription: String
    }

    package func response() throws -> Response {
        let body = Body(error: code.rawValue, errorDescription: description)
        guard code == .invalidClient || code == .invalidToken else {
            return try .json(body, status: .badRequest)
        }
        let scheme = code == .invalidClient ? "Basic realm=\"sandbox\"" : "Bearer error=\"invalid_token\""
        return try .json(body, status: .unauthorized, headers: [.wwwAuthenticate: scheme])
    }
}
