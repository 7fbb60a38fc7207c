/// Forbids a policy that none of the principal's teams may request.
package struct TeamMembership: AccessRule {
    package let name = "team_membership"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        let own = facts.teams.filter { request.principal.teams.contains($0.id) }
        guard let team = own.first(where: { $0.policies.contains(request.policyID) }) else {
            return .forbids(.noTeamMayRequest(policy: request.policyID))
        }
        return .permits(.teamMayRequest(team: team.id, policy: request.policyID))
    }
}
