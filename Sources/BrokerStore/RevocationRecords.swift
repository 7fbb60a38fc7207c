package import AccessControl
package import FoundationEssentials

/// What is to be denied in IAM because it was revoked, and what is denied there.
package protocol RevocationRecords: Sendable {
    /// The sessions that were issued under revoked grants, and whose credentials end after the instant.
    func revokedSessions(endingAfter instant: Date) async throws(StoreError) -> [RevokedSession]

    /// The roles that have, or may have, a policy of ours.
    func roleDenials() async throws(StoreError) -> [RoleDenial]

    /// Replaces what is known of that role, together with its audit event. What denies nobody and is applied is forgotten.
    func save(_ denial: RoleDenial, event: AuditedRoleDenial?, at instant: Date) async throws(StoreError)
}

/// All sessions of one name under one revoked grant.
package struct RevokedSession: Sendable, Equatable {
    package let requestID: RequestID
    package let roleARN: String
    package let sessionName: String
    /// The end of the last credentials.
    package let endsAt: Date

    package init(requestID: RequestID, roleARN: String, sessionName: String, endsAt: Date) {
        self.requestID = requestID
        self.roleARN = roleARN
        self.sessionName = sessionName
        self.endsAt = endsAt
    }
}

/// What a role's policy denies, or is about to.
package struct RoleDenial: Sendable, Equatable {
    package let roleARN: String
    /// Sorted.
    package let sessionNames: [String]
    /// Whether IAM is known to have it.
    package let isApplied: Bool

    package init(roleARN: String, sessionNames: [String], isApplied: Bool) {
        self.roleARN = roleARN
        self.sessionNames = sessionNames
        self.isApplied = isApplied
    }
}
