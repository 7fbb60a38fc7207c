import FoundationEssentials

extension ConditionContext {
    /// What is known of somebody's request for a policy. The time is that at which the access begins; the sign-in is as
    /// old as it is when they ask.
    init(_ request: AccessRequest, for policy: AccessPolicy, knowing facts: AccessFacts) {
        self.init(principal: request.principal, at: request.receivedAt)
        now = request.begin
        setPolicy(policy)
        duration = facts.sessionLength(of: request, under: policy)
        reason = request.reason
        ticket = request.ticket
    }

    /// What is known of an approver, and of what is to be approved.
    init(approver: Principal, of approval: ApprovalCase, under policy: AccessPolicy?, at now: Date) {
        self.init(principal: approver, at: now)
        if let policy { setPolicy(policy) } else { policyID = approval.content.policyID }
        duration = .seconds(approval.content.durationSeconds)
        reason = approval.content.reason
        ticket = approval.content.ticket
        requester = approval.requesterEmail
        requesterTeams = approval.requesterTeams
    }

    private init(principal: Principal, at now: Date) {
        self.init(principal: principal)
        email = principal.email
        sourceAddress = principal.source.address
        mfaPresent = principal.usedSeveralFactors
        if principal.usedSeveralFactors == true, let instant = principal.authenticatedAt {
            mfaAge = .seconds(max(0, now.timeIntervalSince(instant)))
        }
        self.now = now
    }
}
