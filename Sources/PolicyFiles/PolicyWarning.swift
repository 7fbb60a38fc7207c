import AWSAPI
package import AccessControl

/// What a policy may say, and what is likely to fail all the same.
package struct PolicyWarning: Sendable, Equatable, CustomStringConvertible {
    package let policyID: String
    /// As the policies file spells it.
    package let field: String
    /// One sentence without its end.
    package let problem: String

    package var description: String { "policy \"\(policyID)\" \(problem)" }

    /// - Parameters:
    ///   - chainsRoles: whether the broker's own AWS credentials come from an assumed role, as far as it is known.
    ///   - hasTargets: whether there are notification targets that a policy can name.
    package static func warnings(
        for policy: AccessPolicy, chainsRoles: Bool = false, hasTargets: Bool = false
    ) -> [PolicyWarning] {
        func warning(_ field: String, _ problem: String?) -> PolicyWarning? {
            problem.map { PolicyWarning(policyID: policy.id, field: field, problem: $0) }
        }
        return [
            warning("default_tags", tagSize(of: policy)),
            packedSize(of: policy).flatMap { warning($0.field, $0.problem) },
            warning("approval", approval(of: policy)), warning("approval", hasTargets ? silence(of: policy) : nil),
            warning("max_duration", duration(of: policy, chainsRoles: chainsRoles)),
        ].compactMap(\.self)
    }

    private static func approval(of policy: AccessPolicy) -> String? {
        guard policy.automatic == nil, !policy.risk.isAutomatic, policy.approval == nil else { return nil }
        return "has a risk over \(Risk.highestAutomatic) and no approval, so each request is refused unless an "
            + "evaluator allows it"
    }

    /// An empty list says that nobody shall be told.
    private static func silence(of policy: AccessPolicy) -> String? {
        guard let approval = policy.approval, approval.notify == nil else { return nil }
        return "has an approval that tells nobody: name targets in approval.notify, or none ([]) if that is meant"
    }

    /// `nil` unless the tags alone are likely to be over AWS's packed size.
    private static func tagSize(of policy: AccessPolicy) -> String? {
        let characters = STSLimits.tagCharacters(policy.exampleSessionTags)
        guard characters > STSLimits.advisedTagCharacters else { return nil }
        return "has \(characters) characters of session tags, the users' values not counted; AWS packs about "
            + "\(STSLimits.advisedTagCharacters)"
    }

    /// `nil` unless tags and session policies together are likely to be over it, and the tags alone aren't.
    private static func packedSize(of policy: AccessPolicy) -> (field: String, problem: String)? {
        let tags = policy.exampleSessionTags
        guard STSLimits.tagCharacters(tags) <= STSLimits.advisedTagCharacters else { return nil }
        let inline = try? policy.inlinePolicy(with: policy.exampleTags)
        let percent = policy.packedSize(tags: tags, inlinePolicy: inline).likely
        guard percent > 100 else { return nil }
        let field =
            inline != nil ? "inline_policy" : policy.managedPolicies.isEmpty ? "transitive_tags" : "managed_policies"
        return (
            field,
            "has session tags and session policies of about \(percent) % of what AWS packs into a session, "
                + "the users' values not counted"
        )
    }

    private static func duration(of policy: AccessPolicy, chainsRoles: Bool) -> String? {
        let longest = policy.maximumDuration.wholeSeconds
        if chainsRoles, policy.maximumDuration > SessionLength.longestChained {
            return
                "has a max_duration of \(longest) s, but with the broker's own credentials of a role AWS gives 3600 s at most"
        }
        guard policy.roleMaximumSession == nil, policy.maximumDuration > SessionLength.roleMaximum.lowerBound else {
            return nil
        }
        return "has a max_duration of \(longest) s, and a role's MaxSessionDuration is 3600 s unless it was raised: "
            + "say with role_max_session that it was"
    }
}

extension AccessPolicy {
    /// The session tags with the users' values as short as can be.
    var exampleTags: [PolicyTag] {
        userTags.map { PolicyTag(key: $0, value: "x", source: .claim("")) } + defaultTags
            + (grantTag.map { [PolicyTag(key: $0, value: String(repeating: "0", count: 32), source: .broker)] } ?? [])
    }

    /// The same, as STS is told them.
    fileprivate var exampleSessionTags: [SessionTag] {
        exampleTags.map { SessionTag(key: $0.key, value: $0.value) }
    }
}
