extension AccessPolicy {
    /// The session tags of a principal under this policy: `user_tags` in the policy's order, then `default_tags`.
    /// Nothing else is added.
    ///
    /// The value of the user tag `NAME` is the claim `custom:NAME`. An empty value counts as missing: a role's policies
    /// that compare tags would compare nothing.
    package func sessionTags(for principal: Principal) throws(MissingClaim) -> [PolicyTag] {
        var tags: [PolicyTag] = []
        for name in userTags {
            let claim = "custom:\(name)"
            guard let value = principal.claims[claim], !value.isEmpty else {
                throw MissingClaim(policyID: id, claim: claim)
            }
            tags.append(PolicyTag(key: name, value: value))
        }
        return tags + defaultTags
    }
}

/// The principal lacks a claim that the policy turns into a session tag.
package struct MissingClaim: Error, Equatable {
    package let policyID: String
    package let claim: String
}
