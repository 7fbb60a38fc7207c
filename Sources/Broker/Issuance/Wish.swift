package import AccessControl
package import Credentials
import FoundationEssentials

/// What a principal asks for, as it came over the wire.
package struct Wish: Sendable, Equatable {
    package let policyID: String
    /// `nil`: as long as the policy allows.
    package let duration: Duration?
    package let reason: String?

    package init(policyID: String, duration: Duration? = nil, reason: String? = nil) {
        self.policyID = policyID
        self.duration = duration
        self.reason = reason
    }
}

extension CredentialIssuance {
    /// How a wish for credentials ended, if it wasn't refused.
    package enum Outcome: Sendable {
        case issued(RequestID, SessionCredentials)
        case needsApproval(RequestID)
    }

    /// A recorded request that the rules didn't deny.
    package struct Decided: Sendable {
        package let requestID: RequestID
        /// `nil`: a person must approve.
        package let approved: Approved?
    }

    /// What an allowed request may have, under the very policy that was decided on.
    package struct Approved: Sendable {
        package let grant: Grant
        package let policy: AccessPolicy
    }

    package struct PickedUp: Sendable {
        package let grant: Grant
        package let credentials: SessionCredentials
    }
}

extension CredentialIssuance.Approved {
    /// `nil` unless the decision is `allow`, there is a policy, and its tags can be filled.
    init?(_ request: AccessRequest, decision: Decision, facts: AccessFacts, delivery: Grant.Delivery) {
        guard decision.outcome == .allow, let policy = facts.policy,
            let tags = try? policy.sessionTags(for: request.principal)
        else { return nil }
        let length = request.duration ?? facts.longestSession(under: policy).duration
        self.policy = policy
        grant = Grant(
            requestID: request.id, principal: request.principal.id, userName: request.principal.userName,
            policyID: policy.id, policyVersion: policy.version, tags: tags, delivery: delivery,
            notBefore: request.receivedAt,
            notAfter: request.receivedAt.addingTimeInterval(Double(length.wholeSeconds)))
    }
}
