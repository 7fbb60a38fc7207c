/// Permits a low risk, and asks for an approver above it.
package struct AutomaticRisk: AccessRule {
    package let name = "automatic_risk"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy else { return .forbids(.policyUnknown(policy: request.policyID)) }
        return policy.risk.isAutomatic
            ? .permits(.riskIsAutomatic(risk: policy.risk)) : .asksForApproval(.riskNeedsApproval(risk: policy.risk))
    }
}
