extension AccessPolicy {
    /// The session tags of a principal under this policy: `user_tags` in the policy's order, then `default_tags`, then
    /// `grant_tag` where the request is known. Nothing else is added.
    ///
    /// Which claim gives a user tag is the issuer's configuration. An empty value counts as missing: a role's policies that
    /// compare tags would compare nothing.
    package func sessionTags(
        for principal: Principal, request id: RequestID? = nil
    ) throws(MissingClaim) -> [PolicyTag] {
        var tags: [PolicyTag] = []
        for name in userTags {
            guard let claim = principal.tagClaims.claim(forTag: name) else {
                throw MissingClaim(policyID: self.id, tag: name, claim: nil)
            }
            guard let value = principal.claims[claim], !value.isEmpty else {
                throw MissingClaim(policyID: self.id, tag: name, claim: claim)
            }
            tags.append(PolicyTag(key: name, value: value, source: .claim(claim)))
        }
        tags += defaultTags.map { PolicyTag(key: $0.key, value: $0.value, source: .policyDefault) }
        if let grantTag, let id { tags.append(PolicyTag(key: grantTag, value: id.description, source: .broker)) }
        return tags
    }
}

/// The principal lacks a claim that the policy turns into a session tag.
package struct MissingClaim: Error, Equatable {
    package let policyID: String
    package let tag: String
    /// `nil`: the principal's issuer has no claim for that tag.
    package let claim: String?
}

/// Which claims of an issuer give which session tags.
package enum TagClaims: Sendable, Equatable {
    /// The claim `custom:NAME` gives the tag `NAME`, as in the original system.
    case original
    /// By the tag's key; a tag that isn't listed can't be had.
    case listed([String: String])

    package func claim(forTag name: String) -> String? {
        switch self {
        case .original: "custom:\(name)"
        case .listed(let claims): claims[name]
        }
    }
}
