package import FoundationEssentials

/// Temporary AWS credentials of one assumed role, as STS issued them.
package struct SessionCredentials: Sendable, Equatable {
    /// Public identifier, `ASIA…`; fit for logs and audit.
    package let accessKeyID: String
    package let secretAccessKey: Secret
    package let sessionToken: Secret
    /// The instant after which AWS refuses them, in whole seconds.
    package let expiration: Date
    /// When they were issued; the lifetime is `expiration - issuedAt`.
    package let issuedAt: Date
    /// The role that was assumed.
    package let roleARN: RoleARN

    package init(
        accessKeyID: String,
        secretAccessKey: Secret,
        sessionToken: Secret,
        expiration: Date,
        issuedAt: Date,
        roleARN: RoleARN
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
        self.issuedAt = issuedAt
        self.roleARN = roleARN
    }

    /// The twelve digits of the account that owns the role.
    package var accountID: String { roleARN.accountID }
}
