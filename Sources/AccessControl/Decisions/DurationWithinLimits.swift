/// Forbids a duration that STS would refuse or that the policy doesn't allow.
package struct DurationWithinLimits: AccessRule {
    package let name = "duration_within_limits"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy else { return .forbids(.policyUnknown(policy: request.policyID)) }
        let longest = facts.longestSession(under: policy)
        let asked = request.duration ?? longest.duration
        let shortest = SessionLength.range.lowerBound
        guard asked.components.attoseconds == 0 else { return .forbids(.durationNotWhole) }
        guard asked >= shortest else {
            return .forbids(.durationTooShort(seconds: asked.wholeSeconds, shortest: shortest.wholeSeconds))
        }
        guard asked <= longest.duration else {
            let most = longest.duration.wholeSeconds
            if request.allowsShorter {
                return .permits(.durationShortened(seconds: asked.wholeSeconds, to: most, limit: longest.limit))
            }
            return .forbids(.durationTooLong(seconds: asked.wholeSeconds, longest: most, limit: longest.limit))
        }
        return .permits(.durationAllowed(seconds: asked.wholeSeconds))
    }
}

extension Duration {
    /// The seconds without their fraction.
    package var wholeSeconds: Int { Int(clamping: components.seconds) }
}
