package import FoundationEssentials

/// Forbids what would begin outside the hours that the policy names. A zone that isn't known allows no time.
package struct WithinAllowedTimes: AccessRule {
    package let name = "allowed_times"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy else { return .forbids(.policyUnknown(policy: request.policyID)) }
        return Self.verdict(onBeginAt: request.begin, under: policy, zones: facts.zones)
    }

    /// The same, of an approval: the access begins with it.
    package static func verdict(
        onBeginAt begin: Date, under policy: AccessPolicy, zones: [String: ZoneOffsets]
    ) -> RuleVerdict {
        guard let times = policy.requirements?.times else { return .permits(.notRequired) }
        for time in times {
            guard let offsets = zones[time.zone] else { continue }
            if time.contains(begin, in: offsets) == true { return .permits(.timeAllowed(time)) }
        }
        if let unknown = times.map(\.zone).first(where: { zones[$0] == nil }) {
            return .forbids(.zoneUnknown(unknown))
        }
        return .forbids(.timeElsewhere(times))
    }
}
