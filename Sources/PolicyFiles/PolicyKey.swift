/// The keys of a policy in `policies.yaml`, for reading and for writing it.
enum PolicyKey: String, CodingKey {
    case id, description, account, risk, requirements, condition, automatic, approval
    case baseRole = "base_role"
    case managedPolicies = "managed_policies"
    case userTags = "user_tags"
    case defaultTags = "default_tags"
    case maximumDuration = "max_duration"
    case transitiveTags = "transitive_tags"
    case externalID = "external_id"
    case inlinePolicy = "inline_policy"
    case roleMaximumSession = "role_max_session"
    case grantTag = "grant_tag"
    case sourceIdentity = "source_identity"
}

/// The keys of `approval`.
enum ApprovalKey: String, CodingKey {
    case teams, condition, count, notify
    case ownRequests = "own_requests"
    case expiresAfter = "expires_after"
}
