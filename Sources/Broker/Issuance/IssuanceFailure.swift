package import AWSAPI
package import AccessControl
package import BrokerAPI
package import BrokerStore

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

    /// `nil` unless the decision is a denial. The reason that the user may know comes first.
    package init?(_ decision: Decision, of id: RequestID) {
        guard decision.outcome == .deny else { return nil }
        for reason in decision.reasons {
            switch reason {
            case .policyUnknown, .noTeamMayRequest:
                self = .policyNotFound(id)
                return
            default: continue
            }
        }
        for reason in decision.reasons {
            switch reason {
            case .durationTooLong, .durationTooShort, .durationNotWhole, .userTagsCollide, .limitBroken:
                self = .limitBroken(reason.description, id)
                return
            default: continue
            }
        }
        self =
            decision.reasons.allSatisfy(\.isUnmetRequirement)
            ? .requirementUnmet(decision.reasons, id) : .denied(decision.reasons, id)
    }

    /// Whether nothing stands against the request but that nobody could approve it.
    package static func lacksApproversOnly(_ decision: Decision) -> Bool {
        decision.outcome == .deny
            && decision.reasons.allSatisfy { if case .nobodyApproves = $0 { true } else { false } }
    }

    package init(_ error: AWSError, of id: RequestID) {
        switch error {
        case .refused(let code, _, _): self = .refusedByAWS(code: code, id)
        case .throttled(let delay): self = .awsUnavailable(retryAfter: delay, id)
        case .unavailable, .invalidAnswer: self = .awsUnavailable(retryAfter: nil, id)
        case .keysUnavailable: self = .ownKeyMissing(id)
        case .keysRefused, .misconfigured: self = .brokerMisconfigured(id)
        }
    }

    package init(_ error: StoreError, of id: RequestID?) {
        switch (error, id) {
        case (.conditionFailed, let id?): self = .grantVoid(id)
        case (.conditionFailed, nil): self = .stateChanged
        case (.unavailable, _): self = .recordsUnavailable
        case (.unreadable, _): self = .recordsUnreadable
        case (.tooManyPending(let count), _): self = .tooManyPending(count)
        }
    }

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

extension IssuanceFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .policyNotFound:
            "There is no policy of this id that your teams may request; list your policies to see which."
        case .policyUnusable(let policy, _):
            "The stored policy \"\(policy)\" cannot be used; ask the broker's operator to repair it."
        case .denied(let reasons, _):
            "Denied: \(reasons.map(\.description).joined(separator: "; ")). Ask the policy's owner."
        case .requirementUnmet(let reasons, _): "Not so: \(reasons.map(\.description).joined(separator: "; "))."
        case .noLongerAutomatic(let reason, _):
            "It was granted ahead, but \(reason) now; sign in again if that helps, or request it anew."
        case .evaluatorUnanswered:
            "The program that decides on this does not answer now, and no person may instead; try again shortly."
        case .decidedAgainst(_, let voter?, .denied):
            "\(voter) denied the request; ask them, or run: stsbroker request"
        case .decidedAgainst(_, _, .approved):
            "The access that was approved has ended; to ask for it again, run: stsbroker request"
        case .decidedAgainst: "The access was revoked; to ask for it again, run: stsbroker request"
        case .limitBroken(let rule, _): "A limit is broken: \(rule)."
        case .grantVoid: "The policy, your teams or your claims have changed since it was granted; request it again."
        case .refusedByAWS(let code, _):
            "AWS refused to let the broker assume the policy's role (\(code)); ask the broker's operator."
        case .awsUnavailable: "AWS STS cannot be reached now; try again shortly."
        case .ownKeyMissing:
            "The broker has no AWS credentials of its own now; try again shortly, or ask the broker's operator."
        case .brokerMisconfigured: "The broker's own AWS access does not work; ask the broker's operator."
        case .recordsUnavailable: "The broker cannot record this now, so nothing was issued; try again shortly."
        case .recordsUnreadable:
            "The broker's records hold something that cannot be used; ask the broker's operator to repair it."
        case .tooManyPending(let count):
            "\(count) of your requests wait for approval; cancel some, or wait for the decisions."
        case .notificationTargetMissing(let what): what.description
        case .stateChanged: "The policy changed while the request was decided; ask again."
        }
    }
}
