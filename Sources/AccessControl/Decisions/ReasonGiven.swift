/// Forbids a request without a reason, where the policy wants one.
package struct ReasonGiven: AccessRule {
    package let name = "reason_given"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy else { return .forbids(.policyUnknown(policy: request.policyID)) }
        guard policy.requirements?.reason == true else { return .permits(.notRequired) }
        let isGiven = request.reason?.contains { !$0.isWhitespace } ?? false
        return isGiven ? .permits(.reasonGiven) : .forbids(.reasonMissing)
    }
}
