/// Forbids a request from elsewhere than the networks that the policy names. It is judged again whenever somebody comes for what was
/// granted: the credentials leave to there.
package struct SourceNetwork: AccessRule {
    package let name = "source_network"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy else { return .forbids(.policyUnknown(policy: request.policyID)) }
        guard let networks = policy.requirements?.networks else { return .permits(.notRequired) }
        guard let address = request.principal.source.address else { return .forbids(.sourceUnknown) }
        return networks.contains(address)
            ? .permits(.sourceAllowed(address)) : .forbids(.sourceElsewhere(address))
    }
}
