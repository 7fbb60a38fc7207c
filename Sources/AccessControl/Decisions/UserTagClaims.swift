/// Forbids a policy whose user tags the principal's claims cannot fill.
package struct UserTagClaims: AccessRule {
    package let name = "user_tag_claims"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy else { return .forbids(.policyUnknown(policy: request.policyID)) }
        do {
            let tags = try policy.sessionTags(for: request.principal)
            if let key = tags.map(\.key).firstKeyRepeatedInAnyCase { return .forbids(.userTagsRepeat(key: key)) }
            return .permits(.userTagsPresent(claims: policy.userTags.map { "custom:\($0)" }))
        } catch {
            return .forbids(.userTagMissing(policy: error.policyID, claim: error.claim))
        }
    }
}
