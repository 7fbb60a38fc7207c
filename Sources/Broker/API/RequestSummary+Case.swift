import AccessControl
import BrokerAPI
import Credentials
import FoundationEssentials

extension RequestSummary {
    /// Of a request that the rules granted at once and nobody follows.
    init(_ grant: Grant, at now: Date) {
        let start = AWSTimestamp.text(grant.notBefore)
        self.init(
            requestID: grant.requestID.description, state: grant.state(at: now).rawValue, user: grant.userName,
            policy: grant.policyID, durationSeconds: Int(grant.notAfter.timeIntervalSince(grant.notBefore)),
            reason: nil,
            tags: grant.tags.values, createdAt: start,
            expiresAt: nil, startsAt: start, endsAt: AWSTimestamp.text(grant.notAfter), contentHash: "",
            approvalsNeeded: 0, votes: [], mayDecide: false, tagSources: grant.tags.sources,
            policyVersion: grant.policyVersion.description)
    }

    /// As it is for those who don't decide on it.
    init(_ approval: ApprovalCase, at now: Date) {
        let state = approval.state(at: now)
        let content = approval.content
        self.init(
            requestID: approval.requestID.description, state: state.rawValue, user: approval.userName,
            policy: content.policyID, durationSeconds: content.durationSeconds, reason: content.reason,
            tags: content.tags.values,
            createdAt: AWSTimestamp.text(approval.createdAt),
            expiresAt: state == .pending ? AWSTimestamp.text(approval.expiresAt) : nil,
            startsAt: (approval.window?.notBefore ?? content.startsAt).map(AWSTimestamp.text),
            endsAt: approval.window.map { AWSTimestamp.text($0.notAfter) },
            contentHash: approval.contentHash, approvalsNeeded: approval.rule?.count ?? 0,
            votes: approval.votes.map {
                Vote(
                    user: $0.userName, decision: $0.choice.rawValue, comment: $0.comment, at: AWSTimestamp.text($0.at))
            },
            mayDecide: false, ticket: content.ticket, inlinePolicy: content.inlinePolicy,
            tagSources: content.tags.sources, policyVersion: content.policyVersion)
    }
}

extension RequestSummary.Session {
    init(_ session: ApprovedSession) {
        self.init(
            baseRole: session.baseRole, managedPolicies: session.managedPolicies, inlinePolicy: session.inlinePolicy,
            transitiveTags: session.transitiveTags, sendsExternalID: session.sendsExternalID,
            sendsSourceIdentity: session.sendsSourceIdentity)
    }
}

extension [PolicyTag] {
    fileprivate var values: [String: String] { Dictionary(map { ($0.key, $0.value) }) { first, _ in first } }

    /// `nil` if it isn't known of all.
    fileprivate var sources: [String: String]? {
        let sources = compactMap { tag in tag.source.map { (tag.key, $0.description) } }
        return sources.count == count ? Dictionary(sources) { first, _ in first } : nil
    }
}
