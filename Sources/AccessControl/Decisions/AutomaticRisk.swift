/// Permits what the policy says is automatic; without its word, what the company's own program says is; and where there is none, a
/// low risk. Asks for the policy's approvers otherwise.
package struct AutomaticRisk: AccessRule {
    package let name = "automatic_risk"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy else { return .forbids(.policyUnknown(policy: request.policyID)) }
        let reason: DecisionReason
        if let automatic = policy.automatic {
            let trace = automatic.trace(in: ConditionContext(request, for: policy, knowing: facts))
            if trace.verdict.permits { return .permits(.conditionHolds(trace)) }
            reason = .automaticConditionUnmet(trace)
        } else {
            switch facts.evaluation {
            case .automatic?: return .permits(.evaluatorAllows)
            case .manual?: reason = .evaluatorWantsApproval
            case .unanswered?: reason = .evaluatorUnanswered
            // Another rule forbids it and says why, so who could approve is no question; and this one allows nothing.
            case .notAsked?: return .asksForApproval(.evaluatorNotAsked)
            case nil where policy.risk.isAutomatic: return .permits(.riskIsAutomatic(risk: policy.risk))
            case nil: reason = .riskNeedsApproval(risk: policy.risk)
            }
        }
        // A request that nobody can decide on would wait for nothing.
        return policy.approval == nil ? .forbids(.nobodyApproves(policy: policy.id)) : .asksForApproval(reason)
    }

    /// Why the policy's `automatic` doesn't do without approval of that request; `nil` if it does, or if the policy has
    /// none.
    package static func unmetCondition(
        of policy: AccessPolicy, on request: AccessRequest, knowing facts: AccessFacts
    ) -> DecisionReason? {
        guard let automatic = policy.automatic else { return nil }
        let trace = automatic.trace(in: ConditionContext(request, for: policy, knowing: facts))
        return trace.verdict.permits ? nil : .automaticConditionUnmet(trace)
    }
}
