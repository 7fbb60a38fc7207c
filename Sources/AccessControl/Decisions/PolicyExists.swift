/// Forbids what asks for a policy that isn't there.
package struct PolicyExists: AccessRule {
    package let name = "policy_exists"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy, policy.id == request.policyID else {
            return .forbids(.policyUnknown(policy: request.policyID))
        }
        return .permits(.policyExists(policy: policy.id))
    }
}
