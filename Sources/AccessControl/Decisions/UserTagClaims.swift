/// Forbids a policy whose user tags the principal's claims cannot fill.
package struct UserTagClaims: AccessRule {
    package let name = "user_tag_claims"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy else { return .forbids(.policyUnknown(policy: request.policyID)) }
        do {
            let tags = try policy.sessionTags(for: request.principal, request: request.id)
            if let keys = tags.map(\.key).firstCollision { return .forbids(.userTagsCollide(keys)) }
            let claims = tags.compactMap { if case .claim(let name)? = $0.source { name } else { nil } }
            return .permits(.userTagsPresent(claims: claims))
        } catch {
            guard let claim = error.claim else {
                return .forbids(.userTagUnmapped(policy: error.policyID, tag: error.tag))
            }
            return .forbids(.userTagMissing(policy: error.policyID, claim: claim))
        }
    }
}
