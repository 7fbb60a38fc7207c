import CallerIdentity
import CredentialCache
import Credentials
import FoundationEssentials
import NIOHTTP1

extension InstanceMetadataFace {
    /// The one place that says what an error looks like on IMDS.
    static func response(to error: MetadataError, now: Date) -> MetadataResponse {
        // A text, never an empty one: some clients ask again forever when they get nothing.
        let text = MetadataResponse.Body.text("\(error.code): \(error.message)\n")
        var response = MetadataResponse(status: status(of: error), body: text, contentType: .plain)
        switch error {
        case .noCredentials(.accessDenied, _), .noCredentials(.requestRefused, _):
            // How the real service says that the role may not be assumed: SDKs look at `Code`, not at the status.
            response.body = .text(refusal(error, now: now))
        default: break
        }
        response.imitatesInstance = true
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
        // Only at 401 SDKs drop their token and fetch a new one.
        case .sessionTokenRejected, .authorizationMissing, .authorizationRejected: .unauthorized
        case .pathNotFound, .roleNotFound, .noDefaultRole, .noCredentials(.roleNotFound, _): .notFound
        case .noCredentials(.accessDenied, _), .noCredentials(.requestRefused, _): .ok
        case .stillFetching, .noCredentials: .serviceUnavailable
        }
    }

    private static func refusal(_ error: MetadataError, now: Date) -> String {
        var body = JSONObjectText()
        body.add("Code", "AssumeRoleUnauthorizedAccess")
        body.add("Message", error.message)
        body.add("LastUpdated", AWSTimestamp.text(now))
        return body.text()
    }
}

extension MetadataError {
    /// Where the request's end is not known or not worth reading on for, or another connection may fare better.
    var endsConnection: Bool {
        switch self {
        case .malformedRequest, .headersTooLarge, .bodyTooLarge, .tooSlow, .tooManyConnections, .callerUnknown: true
        default: false
        }
    }
}
