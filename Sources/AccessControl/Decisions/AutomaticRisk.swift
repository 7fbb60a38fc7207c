/// Permits a low risk, and asks for the policy's approvers above it.
package struct AutomaticRisk: AccessRule {
    package let name = "automatic_risk"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy else { return .forbids(.policyUnknown(policy: request.policyID)) }
        if policy.risk.isAutomatic { return .permits(.riskIsAutomatic(risk: policy.risk)) }
        // A request that nobody can decide on would wait for nothing.
        guard policy.approval != nil else { return .forbids(.nobodyApproves(policy: policy.id)) }
        return .asksForApproval(.riskNeedsApproval(risk: policy.risk))
    }
}
