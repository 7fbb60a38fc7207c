import AccessControl
import PolicyFiles

extension CredentialIssuance {
    /// What the rules would say to the wish. Nothing is recorded, and no evaluator asked: where one would be, it counts as having
    /// given no answer.
    func explanation(
        of wish: Wish, by principal: Principal, inDetail: Bool
    ) async throws(IssuanceFailure) -> Explanation {
        let request = wish.request(by: principal, at: now())
        let (policy, _, teams) = try await usableCatalog(wish.policyID, for: principal)
        var facts = AccessFacts(
            policy: policy, teams: teams, chainsRoles: await chainsRoles(),
            zones: ZoneFiles.offsets(of: policy?.requirements?.zones ?? []))
        if evaluator != nil {
            facts = facts.with(rules.leaveToEvaluator(request, knowing: facts) ? .unanswered : .notAsked)
        }
        return Explanation(rules.decide(request, knowing: facts), on: request, knowing: facts, inDetail: inDetail)
    }
}
