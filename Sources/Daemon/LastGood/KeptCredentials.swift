import CredentialCache
import Credentials
import FoundationEssentials

/// One user's credentials, as a file has them inside its seal.
struct KeptCredentials: Codable {
    /// Credentials of another broker are no good.
    let brokerURL: String
    let roles: [Role]

    /// Times are in seconds since 1970.
    struct Role: Codable {
        let name: String
        /// What the role meant then.
        let policy: String
        let durationSeconds: Int?
        /// Under which they were issued; by it the broker tells whether they were revoked.
        let requestID: String?
        let arrived: Double
        let accessKeyID: String
        let secretAccessKey: String
        let sessionToken: String
        let issuedAt: Double
        let expiration: Double
        let roleARN: String
    }
}

extension KeptCredentials.Role {
    init(_ credentials: SessionCredentials, of role: OfferedRole, requestID: String?, arrived: Date) {
        name = role.name
        policy = role.policy
        durationSeconds = role.durationSeconds
        self.requestID = requestID
        self.arrived = arrived.timeIntervalSince1970
        accessKeyID = credentials.accessKeyID
        secretAccessKey = credentials.secretAccessKey.revealed()
        sessionToken = credentials.sessionToken.revealed()
        issuedAt = credentials.issuedAt.timeIntervalSince1970
        expiration = credentials.expiration.timeIntervalSince1970
        roleARN = credentials.roleARN.description
    }

    var offered: OfferedRole { OfferedRole(name: name, policy: policy, durationSeconds: durationSeconds) }

    /// `nil` if they aren't any.
    var credentials: SessionCredentials? {
        guard let arn = try? RoleARN(roleARN) else { return nil }
        return SessionCredentials(
            accessKeyID: accessKeyID, secretAccessKey: Secret(secretAccessKey), sessionToken: Secret(sessionToken),
            expiration: Date(timeIntervalSince1970: expiration), issuedAt: Date(timeIntervalSince1970: issuedAt),
            roleARN: arn)
    }
}
