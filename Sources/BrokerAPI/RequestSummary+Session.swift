extension RequestSummary {
    /// What AWS is asked for under a request, beside its tags and its duration.
    package struct Session: Codable, Sendable, Equatable {
        /// The ARN of the role that is assumed.
        package var baseRole: String
        /// The ARNs of the IAM policies that narrow it.
        package var managedPolicies: [String]
        /// The policy's own, as JSON text, with the request's tags in their places; absent if it has none.
        package var inlinePolicy: String?
        /// The keys of the tags that stay on sessions further down a role chain.
        package var transitiveTags: [String]
        package var sendsExternalID: Bool
        package var sendsSourceIdentity: Bool

        package init(
            baseRole: String, managedPolicies: [String], inlinePolicy: String?, transitiveTags: [String],
            sendsExternalID: Bool, sendsSourceIdentity: Bool
        ) {
            self.baseRole = baseRole
            self.managedPolicies = managedPolicies
            self.inlinePolicy = inlinePolicy
            self.transitiveTags = transitiveTags
            self.sendsExternalID = sendsExternalID
            self.sendsSourceIdentity = sendsSourceIdentity
        }

        enum CodingKeys: String, CodingKey {
            case baseRole = "base_role"
            case managedPolicies = "managed_policies"
            case inlinePolicy = "inline_policy"
            case transitiveTags = "transitive_tags"
            case sendsExternalID = "sends_external_id"
            case sendsSourceIdentity = "sends_source_identity"
        }
    }
}
