/// The body of `POST /tokens`: an ID token as a test needs it.
struct TokenWish: Decodable {
    var user: String
    /// May be zero or negative: a token that has expired already.
    var lifetimeSeconds: Int?
    var audience: String?
    var algorithm: SigningKeys.Algorithm?
    var principalTags: [String: String]?
    var transitiveTagKeys: [String]?
    var sourceIdentity: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case user, audience, algorithm
        case lifetimeSeconds = "lifetime_seconds"
        case principalTags = "principal_tags"
        case transitiveTagKeys = "transitive_tag_keys"
        case sourceIdentity = "source_identity"
    }

    func variation() throws(StrictJSON.Malformed) -> TokenIssuer.Variation {
        var variation = TokenIssuer.Variation()
        if let lifetimeSeconds {
            guard lifetimeSeconds.magnitude <= 31_536_000 else {
                throw StrictJSON.Malformed(message: "lifetime_seconds must be within a year")
            }
            variation.lifetime = .seconds(lifetimeSeconds)
        }
        variation.audience = audience
        variation.algorithm = algorithm ?? .rs256
        if principalTags != nil || transitiveTagKeys != nil {
            let tags = (principalTags ?? [:]).mapValues { [$0] }
            variation.tags = WebIdentityTags(principalTags: tags, transitiveTagKeys: transitiveTagKeys)
        }
        variation.sourceIdentity = sourceIdentity
        return variation
    }
}
