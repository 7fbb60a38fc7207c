package import Credentials

/// One AssumeRole call that keeps every limit AWS documents for it; there is no other way to make one.
package struct AssumeRoleInput: Sendable, Equatable {
    package let roleARN: RoleARN
    package let roleSessionName: String
    package private(set) var durationSeconds: Int
    package let tags: [SessionTag]
    /// Keys among `tags` that stay on sessions further down a role chain.
    package let transitiveTagKeys: [String]
    /// Managed policies that narrow the session, besides `policy`.
    package let policyARNs: [String]
    /// Inline session policy, JSON text.
    package let policy: String?
    package let externalID: String?
    package let sourceIdentity: String?

    /// Fails with the first ``STSLimitViolation`` that it finds; see ``STSLimits`` for the single rules.
    package init(
        roleARN: RoleARN,
        roleSessionName: String,
        durationSeconds: Int,
        tags: [SessionTag] = [],
        transitiveTagKeys: [String] = [],
        policyARNs: [String] = [],
        policy: String? = nil,
        externalID: String? = nil,
        sourceIdentity: String? = nil
    ) throws(STSLimitViolation) {
        try STSLimits.roleSessionName(roleSessionName)
        try STSLimits.durationSeconds(durationSeconds)
        try STSLimits.tags(tags)
        try STSLimits.transitiveTagKeys(transitiveTagKeys, among: tags)
        try STSLimits.policyARNs(policyARNs, of: roleARN)
        if let policy { try STSLimits.policy(policy) }
        if let externalID { try STSLimits.externalID(externalID) }
        if let sourceIdentity { try STSLimits.sourceIdentity(sourceIdentity) }
        self.roleARN = roleARN
        self.roleSessionName = roleSessionName
        self.durationSeconds = durationSeconds
        self.tags = tags
        self.transitiveTagKeys = transitiveTagKeys
        self.policyARNs = policyARNs
        self.policy = policy
        self.externalID = externalID
        self.sourceIdentity = sourceIdentity
    }

    /// The same call for the longest session that every role allows; `nil` if this one is for no longer one.
    package var withinEveryRole: AssumeRoleInput? {
        guard durationSeconds > STSLimits.leastRoleMaximumSeconds else { return nil }
        var shorter = self
        shorter.durationSeconds = STSLimits.leastRoleMaximumSeconds
        return shorter
    }
}
