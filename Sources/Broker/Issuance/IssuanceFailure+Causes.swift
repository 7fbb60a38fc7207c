package import AWSAPI
package import AccessControl
package import BrokerStore

/// Made of what caused it: a decision, an answer of AWS, a failure of the records.
extension IssuanceFailure {
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
        case .refused(let code, _, _):
            if let limit = Self.limit(brokenBy: code) {
                self = .limitBroken(limit, id)
            } else {
                self = .refusedByAWS(code: code, id)
            }
        case .throttled(let delay): self = .awsUnavailable(retryAfter: delay, id)
        case .unavailable, .invalidAnswer: self = .awsUnavailable(retryAfter: nil, id)
        case .keysUnavailable: self = .ownKeyMissing(id)
        case .keysRefused, .misconfigured: self = .brokerMisconfigured(id)
        }
    }

    /// What STS says of the session's own tags and policies, which it will say again however often it is asked; `nil` for all
    /// that an operator may mend while the grant lasts.
    private static func limit(brokenBy code: String) -> String? {
        switch code {
        case "PackedPolicyTooLarge":
            "\(code): AWS can't pack the session's tags and policies; they must be fewer or shorter"
        case "MalformedPolicyDocument": "\(code): AWS can't read one of the session's policies"
        default: nil
        }
    }

    package init(_ error: StoreError, of id: RequestID?) {
        switch (error, id) {
        case (.conditionFailed, let id?): self = .grantVoid(id)
        case (.conditionFailed, nil): self = .stateChanged
        case (.unavailable, _): self = .recordsUnavailable
        case (.unreadable, _): self = .recordsUnreadable
        case (.tooManyPending(let count), _): self = .tooManyPending(count)
        // Whoever lets a request yield takes the one that waits instead.
        case (.waitsAlready, _): self = .stateChanged
        }
    }
}
