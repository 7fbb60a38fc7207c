/// Forbids what the policy's own condition doesn't surely allow.
package struct PolicyCondition: AccessRule {
    package let name = "condition"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy else { return .forbids(.policyUnknown(policy: request.policyID)) }
        guard let condition = policy.condition else { return .permits(.noCondition) }
        let trace = condition.trace(in: ConditionContext(request, for: policy, knowing: facts))
        return trace.verdict.permits ? .permits(.conditionHolds(trace)) : .forbids(.conditionUnmet(trace))
    }
}
