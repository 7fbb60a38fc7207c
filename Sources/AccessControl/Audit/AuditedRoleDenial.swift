/// What IAM denies the sessions of revoked grants has changed, or could not be changed.
package struct AuditedRoleDenial: Codable, Sendable, Equatable {
    package enum Outcome: String, Codable, Sendable {
        /// The role has a policy that denies exactly these sessions everything.
        case denied
        /// The same, but for some, for which the role's policies have no room.
        case incomplete
        /// Nothing is denied any more; the credentials have expired.
        case lifted
        /// What there was before is still there; it is tried again.
        case failed
    }

    package var roleARN: String
    /// The names of the sessions that are to be denied.
    package var sessionNames: [String]
    package var outcome: Outcome
    /// Why it failed, or who has no room.
    package var detail: String?

    package init(roleARN: String, sessionNames: [String], outcome: Outcome, detail: String? = nil) {
        self.roleARN = roleARN
        self.sessionNames = sessionNames
        self.outcome = outcome
        self.detail = detail
    }
}
