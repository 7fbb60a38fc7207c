import Credentials
import FoundationEssentials

/// One thing that happened, as it is kept for ever. Nothing here is a secret: no token, key or claim beyond the tags.
package enum AuditEvent: Sendable, Equatable {
    case request(AuditedRequest)
    case decision(AuditedDecision)
    case issuance(AuditedIssuance)
    case refusal(AuditedRefusal)
    case vote(AuditedVote)
    case stateChange(AuditedStateChange)
    case policyChange(AuditedPolicyChange)
    case authenticationFailure(AuditedAuthenticationFailure)
    case roleDenial(AuditedRoleDenial)

    /// The stable names under which events are stored.
    package enum Kind: String, Sendable, CaseIterable {
        case request
        case decision
        case issuance
        case refusal
        case vote
        case stateChange = "state_change"
        case policyChange = "policy_change"
        case authenticationFailure = "authentication_failure"
        case roleDenial = "role_denial"
    }

    package var kind: Kind {
        switch self {
        case .request: .request
        case .decision: .decision
        case .issuance: .issuance
        case .refusal: .refusal
        case .vote: .vote
        case .stateChange: .stateChange
        case .policyChange: .policyChange
        case .authenticationFailure: .authenticationFailure
        case .roleDenial: .roleDenial
        }
    }

    /// The request that the event belongs to, where there is one.
    package var requestID: RequestID? {
        switch self {
        case .request(let event): event.requestID
        case .decision(let event): event.requestID
        case .issuance(let event): event.requestID
        case .refusal(let event): event.requestID
        case .vote(let event): event.requestID
        case .stateChange(let event): event.requestID
        case .policyChange, .authenticationFailure, .roleDenial: nil
        }
    }
}

/// A principal asked for a policy.
package struct AuditedRequest: Codable, Sendable, Equatable {
    package var requestID: RequestID
    package var principal: PrincipalID
    package var userName: String
    package var teams: [String]
    package var policyID: String
    /// `nil`: as long as the policy allows.
    package var durationSeconds: Int?
    package var reason: String?
    package var ticket: String?
    /// What the request narrows the session by.
    package var inlinePolicy: String?
    /// When the access was to begin, in RFC 3339; `nil` for as soon as it is granted, and in what was recorded before
    /// events had it.
    package var startsAt: String?
    package var source: RequestSource?

    package init(_ request: AccessRequest) {
        requestID = request.id
        startsAt = request.startsAt.map(AWSTimestamp.text)
        source = request.principal.source.known
        principal = request.principal.id
        userName = request.principal.userName
        teams = request.principal.teams
        policyID = request.policyID
        durationSeconds = request.duration?.wholeSeconds
        reason = request.reason
        ticket = request.ticket
        inlinePolicy = request.inlinePolicy
    }
}

/// The rules decided on a request.
package struct AuditedDecision: Codable, Sendable, Equatable {
    package var requestID: RequestID
    package var outcome: Decision.Outcome
    package var policyID: String
    /// `nil` when there is no such policy.
    package var policyVersion: String?
    /// One line per rule: its name, its verdict, its reason.
    package var trace: [String]
    /// Of what was allowed at once: from when on credentials may be had, and the first instant at which none are minted
    /// any more, in RFC 3339. `nil` in what was recorded before events had it; so are the next.
    package var notBefore: String?
    package var notAfter: String?
    package var principal: PrincipalID?
    package var source: RequestSource?

    /// - Parameter grant: what an `allow` gives.
    package init(
        _ decision: Decision, on request: AccessRequest, policyVersion: PolicyVersion?, grant: Grant? = nil
    ) {
        requestID = request.id
        notBefore = grant.map { AWSTimestamp.text($0.notBefore) }
        notAfter = grant.map { AWSTimestamp.text($0.notAfter) }
        outcome = decision.outcome
        principal = request.principal.id
        source = request.principal.source.known
        policyID = request.policyID
        self.policyVersion = policyVersion?.description
        trace = decision.trace.map { "\($0.rule) \($0.verdict.rawValue): \($0.reason.detail)" }
    }
}

/// Credentials left the broker.
package struct AuditedIssuance: Codable, Sendable, Equatable {
    package var requestID: RequestID
    package var principal: PrincipalID
    package var userName: String
    package var policyID: String
    package var policyVersion: String
    package var roleARN: String
    package var sessionName: String
    /// Empty where the policy leaves it out.
    package var sourceIdentity: String
    package var tags: [PolicyTag]
    /// `ASIA…`; public, and CloudTrail's name for the session.
    package var accessKeyID: String
    /// RFC 3339.
    package var expiration: String
    package var source: RequestSource?

    package init(
        under grant: Grant, roleARN: String, sessionName: String, sourceIdentity: String, accessKeyID: String,
        expiration: String, source: RequestSource
    ) {
        requestID = grant.requestID
        principal = grant.principal
        userName = grant.userName
        policyID = grant.policyID
        policyVersion = grant.policyVersion.description
        tags = grant.tags
        self.roleARN = roleARN
        self.sessionName = sessionName
        self.sourceIdentity = sourceIdentity
        self.accessKeyID = accessKeyID
        self.expiration = expiration
        self.source = source.known
    }
}
