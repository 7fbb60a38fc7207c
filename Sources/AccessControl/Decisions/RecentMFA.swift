import FoundationEssentials

/// Forbids a request of somebody who didn't sign in with several factors, or too long ago, where the policy wants that.
package struct RecentMFA: AccessRule {
    package let name = "recent_mfa"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy else { return .forbids(.policyUnknown(policy: request.policyID)) }
        guard let wanted = policy.requirements?.mfa else { return .permits(.notRequired) }
        guard wanted.isMet(by: request.principal) else { return .forbids(.mfaMissing) }
        guard let most = wanted.withinSeconds else { return .permits(.mfaUsed) }
        guard let instant = request.principal.authenticatedAt else { return .forbids(.mfaTimeUnknown) }
        let age = max(0, request.receivedAt.timeIntervalSince(instant))
        guard age <= Double(most) else {
            return .forbids(.mfaTooOld(seconds: Int(exactly: age.rounded()) ?? .max, most: most))
        }
        return .permits(.mfaUsed)
    }
}
