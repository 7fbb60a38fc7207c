extension AccessPolicy {
    /// The longest session that the policy and AWS allow together, and which of them it is.
    /// - Parameter chainsRoles: whether the broker's own AWS credentials come from an assumed role.
    package func longestSession(chainsRoles: Bool) -> (duration: Duration, limit: DurationLimit) {
        var longest: (duration: Duration, limit: DurationLimit) = (maximumDuration, .policy)
        if let roleMaximumSession, roleMaximumSession < longest.duration {
            longest = (roleMaximumSession, .roleMaximumSession)
        }
        if chainsRoles, longest.duration > SessionLength.longestChained {
            longest = (SessionLength.longestChained, .roleChaining)
        }
        return longest
    }

    /// Of every session tag under the policy.
    package var tagKeys: [String] { userTags + defaultTags.map(\.key) + (grantTag.map { [$0] } ?? []) }
}
