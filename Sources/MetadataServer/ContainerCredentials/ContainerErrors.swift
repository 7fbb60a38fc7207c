import CallerIdentity
import CredentialCache
import NIOHTTP1

extension ContainerCredentialsFace {
    /// The one place that says what an error looks like on the container endpoint: JSON with `code` and `message`. SDKs
    /// do not repeat a 4xx and most repeat a 5xx, so 5xx is for what passes by itself.
    static func response(to error: MetadataError) -> MetadataResponse {
        var body = JSONObjectText()
        body.add("code", error.code)
        body.add("message", error.message)
        var response = MetadataResponse(status: status(of: error), body: .text(body.text()), contentType: .json)
        response.retryAfter = error.retryAfter
        if case .methodNotAllowed(let allowed) = error { response.allow = allowed }
        response.endsConnection = error.endsConnection
        return response
    }

    private static func status(of error: MetadataError) -> HTTPResponseStatus {
        switch error {
        case .malformedRequest, .invalidTarget, .invalidHost, .invalidTokenLifetime: .badRequest
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .targetTooLong: .uriTooLong
        case .bodyTooLarge: .payloadTooLarge
        case .tooSlow: .requestTimeout
        case .methodNotAllowed: .methodNotAllowed
        case .tooManyConnections, .tooManyRequests: .tooManyRequests
        // Another connection is looked at anew.
        case .callerUnknown(.notObserved): .serviceUnavailable
        case .foreignHost, .forwarded, .fromBrowser, .callerUnknown, .callerNotAllowed, .tokenPathForbidden: .forbidden
        case .sessionTokenRejected, .authorizationMissing, .authorizationRejected: .unauthorized
        case .pathNotFound, .roleNotFound, .noDefaultRole, .noCredentials(.roleNotFound, _): .notFound
        // A person has to act first; repeating the request would only delay the message.
        case .noCredentials(.signInRequired, _), .noCredentials(.locked, _), .noCredentials(.accessDenied, _),
            .noCredentials(.requestRefused, _):
            .forbidden
        case .stillFetching, .noCredentials: .serviceUnavailable
        }
    }
}
