import FoundationEssentials

extension ApprovalCase {
    /// The case of a request that people follow; `nil` if it is denied, nobody could decide on it, or its tags can't be filled.
    package init?(
        _ request: AccessRequest, decision: Decision, facts: AccessFacts, requesterAddress: NoticeAddress?
    ) {
        guard decision.outcome != .deny, let policy = facts.policy,
            decision.outcome == .allow || policy.approval != nil,
            let tags = try? policy.sessionTags(for: request.principal, request: request.id)
        else { return nil }
        let length = facts.sessionLength(of: request, under: policy)
        let content = RequestContent(
            requester: request.principal.id, policyID: policy.id, policyVersion: policy.version, tags: tags,
            durationSeconds: length.wholeSeconds, reason: request.reason, ticket: request.ticket,
            inlinePolicy: request.inlinePolicy, startsAt: request.startsAt)
        self.init(
            requestID: request.id, content: content, requester: request.principal,
            rule: decision.outcome == .needsApproval ? policy.approval : nil,
            approvalReasons: decision.outcome == .needsApproval ? decision.reasons.map(\.description) : nil,
            requesterAddress: requesterAddress,
            at: request.receivedAt)
    }
}
