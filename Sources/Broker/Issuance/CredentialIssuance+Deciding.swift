import AccessControl
import BrokerStore
import PolicyFiles

/// Step 1 and 2: decide, and approve what needs no person. Request and decision are on disk before anything else.
extension CredentialIssuance {
    func decide(
        _ wish: Wish, by principal: Principal, delivery: Grant.Delivery, knowing catalog: UsableCatalog
    ) async throws(IssuanceFailure) -> Decided {
        let received = now()
        let address = try routing.address(of: principal, by: wish.channel)
        let request = wish.request(by: principal, at: received)
        let (policy, isUnusable, teams) = catalog
        let facts = await evaluated(
            AccessFacts(
                policy: policy, teams: teams, chainsRoles: await chainsRoles(),
                zones: ZoneFiles.offsets(of: policy?.requirements?.zones ?? [])),
            on: request, channel: wish.channel)

        let decision = rules.decide(request, knowing: facts)
        let approved = Approved(request, decision: decision, facts: facts, delivery: delivery)
        // What is allowed at once and delivered at once is no case for people: there may be many of those.
        let approval =
            delivery == .immediate && decision.outcome == .allow
            ? nil : ApprovalCase(request, decision: decision, facts: facts, requesterAddress: address)
        try routing.check(approval?.rule)

        let waiting = try await record(
            DecidedRequest(
                request, decision: decision, policyVersion: policy?.version, grant: approved?.grant,
                approval: approval, notices: approval?.notices(actor: nil, comment: nil, at: received) ?? [],
                mostPending: Self.mostPending, yieldsToWaiting: delivery == .immediate))
        if let waiting { return Decided(requestID: waiting, approved: nil, approval: nil, shortened: nil) }
        if isUnusable, !decision.reasons.contains(.noTeamMayRequest(policy: wish.policyID)) {
            throw .policyUnusable(wish.policyID, request.id)
        }
        // It passes: for good would take from daemons what they hold.
        if facts.evaluation == .unanswered, IssuanceFailure.lacksApproversOnly(decision) {
            throw .evaluatorUnanswered(request.id)
        }
        if let refusal = IssuanceFailure(decision, of: request.id) { throw refusal }
        guard approved != nil || approval != nil else { throw .denied(decision.reasons, request.id) }
        return Decided(
            requestID: request.id, approved: approved, approval: approval, shortened: Shortened(decision))
    }

    private func evaluated(
        _ facts: AccessFacts, on request: AccessRequest, channel: RequesterChannel?
    ) async -> AccessFacts {
        guard let evaluator else { return facts }
        guard rules.leaveToEvaluator(request, knowing: facts), let policy = facts.policy,
            let team = facts.teams.first(where: { $0.policies.contains(policy.id) })
        else { return facts.with(.notAsked) }
        let length = facts.sessionLength(of: request, under: policy)
        return facts.with(
            await evaluator.evaluation(of: request.lasting(length), under: policy, team: team, channel: channel))
    }
}
