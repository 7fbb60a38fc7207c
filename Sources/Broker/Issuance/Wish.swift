package import AccessControl
package import Credentials
package import FoundationEssentials

/// What a principal asks for, as it came over the wire.
package struct Wish: Sendable, Equatable {
    package let policyID: String
    /// `nil`: as long as the policy allows, or as what was granted before lasts.
    package let duration: Duration?
    /// Whether less will do, where AWS or the policy allows no more.
    package let allowsShorter: Bool
    package let reason: String?
    package let ticket: String?
    /// What narrows the session further, in ``RequestedInlinePolicy``'s form.
    package let inlinePolicy: String?
    /// `nil`: as soon as it is granted.
    package let startsAt: Date?
    /// How the principal wants to be told; `nil`: by e-mail, if that can be.
    package let channel: RequesterChannel?

    package init(
        policyID: String, duration: Duration? = nil, allowsShorter: Bool = false, reason: String? = nil,
        ticket: String? = nil, inlinePolicy: String? = nil, startsAt: Date? = nil, channel: RequesterChannel? = nil
    ) {
        self.inlinePolicy = inlinePolicy
        self.channel = channel
        self.allowsShorter = allowsShorter
        self.ticket = ticket
        self.policyID = policyID
        self.duration = duration
        self.reason = reason
        self.startsAt = startsAt
    }

    /// The wish as the rules are asked of it; each time with an id of its own.
    func request(by principal: Principal, at instant: Date) -> AccessRequest {
        AccessRequest(
            id: .random(), principal: principal, policyID: policyID, duration: duration, allowsShorter: allowsShorter,
            reason: reason, ticket: ticket, inlinePolicy: inlinePolicy, receivedAt: instant, startsAt: startsAt)
    }
}

extension CredentialIssuance {
    /// How a wish for credentials ended, if it wasn't refused.
    package enum Outcome: Sendable {
        case issued(RequestID, SessionCredentials, shortened: Shortened?)
        case needsApproval(RequestID)
    }

    /// Less than what was asked for, as whoever asked has allowed, or as the role turned out to allow.
    package struct Shortened: Sendable, Equatable {
        package let askedSeconds: Int
        package let grantedSeconds: Int
        /// Whose limit it is, for people.
        package let reason: String
    }

    /// A recorded request that the rules didn't deny.
    package struct Decided: Sendable {
        package let requestID: RequestID
        /// `nil`: a person must approve.
        package let approved: Approved?
        /// Present if people follow it.
        package let approval: ApprovalCase?
        package let shortened: Shortened?
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
            let tags = try? policy.sessionTags(for: request.principal, request: request.id)
        else { return nil }
        let length = facts.sessionLength(of: request, under: policy)
        self.policy = policy
        grant = Grant(
            requestID: request.id, principal: request.principal.id, userName: request.principal.userName,
            policyID: policy.id, policyVersion: policy.version, tags: tags,
            inlinePolicy: request.inlinePolicy, delivery: delivery, notBefore: request.begin,
            notAfter: request.begin.addingTimeInterval(Double(length.wholeSeconds)))
    }
}

extension CredentialIssuance.Shortened {
    /// `nil` unless the decision is on less than what was asked for.
    init?(_ decision: Decision) {
        for case .durationShortened(let asked, let granted, _) in decision.trace.map(\.reason) {
            guard let reason = decision.trace.first(where: { $0.rule == DurationWithinLimits().name })?.reason else {
                return nil
            }
            self.init(askedSeconds: asked, grantedSeconds: granted, reason: reason.description)
            return
        }
        return nil
    }
}
