import CallerIdentity
import CredentialCache

/// Why a request is not answered with what it asked for. Each wire protocol gives its own status to these, in
/// `InstanceMetadata/InstanceMetadataErrors.swift` and `ContainerCredentials/ContainerErrors.swift`.
enum MetadataError: Error, Equatable {
    // The request's form.
    case malformedRequest
    case headersTooLarge
    case targetTooLong
    case bodyTooLarge
    case tooSlow
    case invalidTarget
    case invalidHost
    case methodNotAllowed(allowed: String)
    // Who sent it.
    case foreignHost
    case forwarded
    case fromBrowser
    case callerUnknown(UnknownCaller)
    case callerNotAllowed
    case tooManyConnections
    case tooManyRequests
    // What was asked for.
    case pathNotFound
    case roleNotFound
    case noDefaultRole
    // Proof that the caller may ask.
    case invalidTokenLifetime
    case tokenPathForbidden
    case sessionTokenRejected
    case authorizationMissing
    case authorizationRejected
    // The credentials.
    case stillFetching
    case noCredentials(CredentialFailure, retryAfter: Duration?)

    /// Stable, for programs.
    var code: String {
        switch self {
        case .malformedRequest, .headersTooLarge, .targetTooLong, .bodyTooLarge, .tooSlow, .invalidTarget, .invalidHost,
            .methodNotAllowed, .invalidTokenLifetime:
            "InvalidRequest"
        case .foreignHost, .forwarded, .fromBrowser, .callerUnknown, .callerNotAllowed, .tokenPathForbidden:
            "CallerNotAllowed"
        case .tooManyConnections, .tooManyRequests: "TooManyRequests"
        case .pathNotFound: "NotFound"
        case .roleNotFound, .noDefaultRole: "RoleNotFound"
        case .sessionTokenRejected, .authorizationMissing, .authorizationRejected: "InvalidAuthorizationToken"
        case .stillFetching: "BrokerUnreachable"
        case .noCredentials(let failure, _): failure.code
        }
    }

    /// One sentence for people that says what to do next.
    var message: String {
        switch self {
        case .malformedRequest: "This is not an HTTP/1.1 request."
        case .headersTooLarge: "The request's header fields are too large; send at most 32 KiB of them."
        case .targetTooLong: "The request's path is too long; send at most 2560 bytes."
        case .bodyTooLarge: "The request's body is too large; send none."
        case .tooSlow: "The request did not arrive in time; send it at once."
        case .invalidTarget: "The request's target is not a path; this server is not a proxy, so set NO_PROXY for it."
        case .invalidHost: "The request needs exactly one Host header."
        case .methodNotAllowed(let allowed): "This path takes another method; use \(allowed)."
        case .foreignHost: "The Host header does not name this server; use the address it listens on."
        case .forwarded: "A proxy has forwarded this request; set NO_PROXY for this server's address."
        case .fromBrowser: "A browser has sent this request, and credentials are not for web pages."
        case .callerUnknown(.notObserved):
            "The rules ask more about callers since this connection was made; connect again."
        case .callerUnknown:
            "The user behind this connection cannot be determined; connect from a process on this machine."
        case .callerNotAllowed: "No rule lets this user ask here; add one to the callers in stsbrokerd.yaml."
        case .tooManyConnections: "This user has too many connections open here; close some, and try again."
        case .tooManyRequests: "This user asks too often; ask again in a second, and keep what was answered."
        case .pathNotFound: "There is nothing at this path."
        case .roleNotFound: "No such role is offered to this user; run: stsbroker policies"
        case .noDefaultRole: "This user has no default role; name one in the path or set one in stsbrokerd.yaml."
        case .invalidTokenLifetime: "X-aws-ec2-metadata-token-ttl-seconds must be sent once, with 1 to 21600."
        case .tokenPathForbidden: "Session tokens are made at /latest/api/token only."
        case .sessionTokenRejected: "A valid session token is needed; put one to use with PUT /latest/api/token."
        case .authorizationMissing:
            "The authorization token is missing; set AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE to this user's token file."
        case .authorizationRejected:
            "The authorization token is not this user's; set AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE to the token file."
        case .stillFetching: "The broker has not answered yet; try again in a moment."
        case .noCredentials(let failure, _): failure.message
        }
    }
}
