package import AccessControl
import Credentials
import FoundationEssentials
import StrictYAML

/// A policy with the keys of `policies.yaml`: what ``PolicyEntry`` reads, written. A key that only one of the two knows would be
/// lost when somebody reads a policy, changes it and writes it back; a test holds them together.
package struct PolicyForm: Encodable {
    let policy: AccessPolicy

    package init(policy: AccessPolicy) {
        self.policy = policy
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: PolicyKey.self)
        try container.encode(policy.id, forKey: .id)
        try container.encode(policy.description, forKey: .description)
        try container.encode(policy.account, forKey: .account)
        try container.encode(policy.baseRole.description, forKey: .baseRole)
        try container.encode(policy.risk.value, forKey: .risk)
        try container.encode(Self.text(policy.maximumDuration.wholeSeconds), forKey: .maximumDuration)
        try container.encodeUnlessEmpty(policy.managedPolicies, forKey: .managedPolicies)
        try container.encodeUnlessEmpty(policy.userTags, forKey: .userTags)
        try container.encodeUnlessEmpty(policy.defaultTags.map { [$0.key: $0.value] }, forKey: .defaultTags)
        try container.encodeUnlessEmpty(policy.transitiveTags, forKey: .transitiveTags)
        try container.encodeIfPresent(policy.externalID, forKey: .externalID)
        try container.encodeIfPresent(policy.inlinePolicy, forKey: .inlinePolicy)
        try container.encodeIfPresent(
            policy.roleMaximumSession.map { Self.text($0.wholeSeconds) }, forKey: .roleMaximumSession)
        try container.encodeIfPresent(policy.grantTag, forKey: .grantTag)
        if !policy.setsSourceIdentity { try container.encode(false, forKey: .sourceIdentity) }
        try container.encodeIfPresent(policy.requirements.map(RequirementsForm.init), forKey: .requirements)
        try container.encodeIfPresent(policy.condition, forKey: .condition)
        try container.encodeIfPresent(policy.automatic, forKey: .automatic)
        try container.encodeIfPresent(policy.approval.map(ApprovalForm.init), forKey: .approval)
    }

    /// As configurations write a length of time, in the largest unit that fits.
    static func text(_ seconds: Int) -> String {
        let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")]
        let (length, unit) = units.first { seconds > 0 && seconds % $0.0 == 0 } ?? (1, "s")
        return "\(seconds / length)\(unit)"
    }
}

/// `approval`, as ``ApprovalField`` reads it.
private struct ApprovalForm: Encodable {
    let rule: ApprovalRule

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ApprovalKey.self)
        try container.encode(rule.teams, forKey: .teams)
        try container.encodeIfPresent(rule.condition, forKey: .condition)
        try container.encode(rule.count, forKey: .count)
        try container.encode(rule.allowsOwnRequests, forKey: .ownRequests)
        try container.encode(PolicyForm.text(rule.patienceSeconds), forKey: .expiresAfter)
        try container.encodeIfPresent(rule.notify, forKey: .notify)
    }
}

extension KeyedEncodingContainer {
    fileprivate mutating func encodeUnlessEmpty(_ list: [some Encodable], forKey key: Key) throws {
        if !list.isEmpty { try encode(list, forKey: key) }
    }
}
