/// Whom STS takes the broker for (GetCallerIdentity).
package struct STSCallerIdentity: Sendable, Equatable {
    /// Twelve digits.
    package let account: String
    package let arn: String
    /// `AIDA…` for a user, `AROA…:SESSION` for a role.
    package let userID: String

    package init(account: String, arn: String, userID: String) {
        self.account = account
        self.arn = arn
        self.userID = userID
    }

    /// Whether the broker's own credentials come from a role, so that what it assumes is chained and lives one hour at
    /// most (IAM User Guide, "Role chaining").
    package var isRoleSession: Bool {
        let parts = arn.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 5, omittingEmptySubsequences: false)
        return parts.count == 6 && parts[5].starts(with: "assumed-role/".utf8)
    }
}
