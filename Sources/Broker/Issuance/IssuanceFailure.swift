package import AccessControl
package import BrokerAPI

/// Why a wish got no credentials. What happened is recorded; this is for the one who asked.
package enum IssuanceFailure: Error, Equatable {
    /// There is no such policy, or none that this principal may know of.
    case policyNotFound(RequestID)
    /// What is stored of the policy can't be used.
    case policyUnusable(String, RequestID)
    case denied([DecisionReason], RequestID)
    /// Only what whoever asks can put right: a reason, a ticket, another sign-in, another place or time.
    case requirementUnmet([DecisionReason], RequestID)
    /// The rules allowed it ahead by the policy's `automatic`, which doesn't hold when it comes to minting.
    case noLongerAutomatic(DecisionReason, RequestID)
    /// The company's own program, which alone could allow it, doesn't answer.
    case evaluatorUnanswered(RequestID)
    /// People have denied or revoked it, or what they approved has ended, and that holds for now; a new request may be made on purpose.
    case decidedAgainst(RequestID, by: String?, RequestState.Stored)
    /// A limit of AWS or of the policy; the text names it.
    case limitBroken(String, RequestID)
    /// The policy has changed or gone since the grant, the principal left the team, or the claims give other tags: only a new
    /// request helps.
    case grantVoid(RequestID)
    /// AWS says no for good; the code is AWS's.
    case refusedByAWS(code: String, RequestID)
    /// AWS says not now.
    case awsUnavailable(retryAfter: Duration?, RequestID)
    /// The broker has no AWS key of its own now, and may have one shortly.
    case ownKeyMissing(RequestID)
    /// The broker's own AWS key or endpoint is at fault.
    case brokerMisconfigured(RequestID)
    /// The records can't be read or written now.
    case recordsUnavailable
    /// The records hold something that can't be used, and will until the operator repairs it.
    case recordsUnreadable
    /// So many of the principal's requests wait for people already; nothing is recorded.
    case tooManyPending(Int)
    /// Those who should be told can't be; nothing is recorded.
    case notificationTargetMissing(MissingTarget)
    /// Somebody changed the state in between; asking again decides on the new one.
    case stateChanged

    package var requestID: RequestID? {
        switch self {
        case .policyNotFound(let id), .policyUnusable(_, let id), .denied(_, let id), .requirementUnmet(_, let id),
            .noLongerAutomatic(_, let id), .decidedAgainst(let id, _, _), .limitBroken(_, let id),
            .evaluatorUnanswered(let id), .grantVoid(let id), .refusedByAWS(_, let id), .awsUnavailable(_, let id),
            .ownKeyMissing(let id), .brokerMisconfigured(let id):
            id
        case .recordsUnavailable, .recordsUnreadable, .stateChanged, .notificationTargetMissing, .tooManyPending: nil
        }
    }

    package var code: BrokerErrorCode {
        switch self {
        case .policyNotFound: .policyNotFound
        case .policyUnusable: .policyUnusable
        case .denied, .noLongerAutomatic, .decidedAgainst, .grantVoid: .accessDenied
        case .requirementUnmet: .requirementUnmet
        case .limitBroken: .limitExceeded
        case .notificationTargetMissing: .notificationTargetMissing
        case .tooManyPending: .tooManyRequests
        case .refusedByAWS: .upstreamRefused
        case .brokerMisconfigured, .recordsUnreadable: .internalError
        case .awsUnavailable, .ownKeyMissing, .recordsUnavailable, .stateChanged, .evaluatorUnanswered:
            .temporarilyUnavailable
        }
    }
}
