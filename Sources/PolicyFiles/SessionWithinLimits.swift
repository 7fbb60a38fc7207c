import AWSAPI
package import AccessControl
import Credentials

/// Forbids a session that STS would refuse, while nobody has waited for it yet: makes the very call that an issuance would
/// make, and estimates what AWS packs.
package struct SessionWithinLimits: AccessRule {
    package let name = "session_within_limits"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy else { return .forbids(.policyUnknown(policy: request.policyID)) }
        guard let tags = try? policy.sessionTags(for: request.principal, request: request.id) else {
            // The rule about the claims says which is missing.
            return .permits(.limitsKept)
        }
        do throws(BrokenLimit) {
            try policy.checkSession(with: tags, narrowedBy: request.inlinePolicy)
            return .permits(.limitsKept)
        } catch {
            return .forbids(.limitBroken(error.description))
        }
    }
}

extension AccessRules {
    /// The rules of the broker, AWS's limits included.
    package static let complete = AccessRules.standard.and(SessionWithinLimits())
}

/// A rule of AWS that a session would break: AWS's name for it, and what to do.
struct BrokenLimit: Error, CustomStringConvertible {
    let description: String
}

extension AccessPolicy {
    /// Fails with the first rule of AWS that a session with these tags breaks, whatever the names of its user.
    /// - Parameter request: the request's inline policy.
    func checkSession(with tags: [PolicyTag], narrowedBy request: String? = nil) throws(BrokenLimit) {
        let inline: String?
        do throws(InvalidSessionPolicy) {
            inline = try inlinePolicy(with: tags, narrowedBy: request)
        } catch {
            throw BrokenLimit(description: "\(error)")
        }
        let sessionTags = tags.map { SessionTag(key: $0.key, value: $0.value) }
        do throws(STSLimitViolation) {
            _ = try AssumeRoleInput(
                roleARN: baseRole, roleSessionName: "user", durationSeconds: maximumDuration.wholeSeconds,
                tags: sessionTags, transitiveTagKeys: transitiveTags, policyARNs: managedPolicies, policy: inline,
                externalID: externalID, sourceIdentity: setsSourceIdentity ? "user" : nil)
        } catch {
            throw BrokenLimit(description: "\(error)")
        }
        let size = packedSize(tags: sessionTags, inlinePolicy: inline)
        guard size.least <= PackedSize.hopeless else {
            let what = inline == nil ? "the session tags are" : "the session tags and the inline policy are"
            throw BrokenLimit(
                description: "PackedPolicySize: \(what) about \(size.likely) % of what AWS packs into a session; "
                    + "ask for fewer or shorter ones")
        }
    }

    /// - Parameter inlinePolicy: the session's, filled.
    func packedSize(tags: [SessionTag], inlinePolicy: String?) -> PackedSize {
        PackedSize(
            tags: tags, transitiveKeys: transitiveTags.count, inlinePolicy: inlinePolicy,
            policyARNs: managedPolicies.count)
    }
}
