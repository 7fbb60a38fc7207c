import CredentialCache
package import Credentials
package import FoundationEssentials

/// Credentials together with the three bodies they are served as, encoded once when they arrive. The bodies are
/// ``Secret``s: they cannot be printed and are wiped when the last request that uses them is done.
package final class PreparedCredentials: PreparedForm {
    /// The instant after which AWS refuses them.
    let expiration: Date
    /// When they were fetched: `LastUpdated` and `Last-Modified`.
    let lastUpdated: Date
    let roleARN: String
    /// The last four characters of the access key id, for records.
    package let accessKeySuffix: String
    /// IMDS, `security-credentials/{role}`.
    let instanceBody: Secret
    /// IMDS, `security-credentials-extended/{role}`: with `AccountId`.
    let extendedInstanceBody: Secret
    /// The container endpoint, with `RoleArn` and `AccountId`.
    let containerBody: Secret

    package init(_ credentials: SessionCredentials, lastUpdated: Date) {
        expiration = credentials.expiration
        self.lastUpdated = lastUpdated
        roleARN = credentials.roleARN.description
        accessKeySuffix = String(credentials.accessKeyID.suffix(4))
        instanceBody = Self.instanceBody(credentials, lastUpdated, withAccount: false)
        extendedInstanceBody = Self.instanceBody(credentials, lastUpdated, withAccount: true)
        containerBody = Self.containerBody(credentials, lastUpdated)
    }

    /// Whether they may still be handed out at `now`.
    func isServable(at now: Date) -> Bool {
        expiration.timeIntervalSince(now) >= RefreshSchedule.leastUsable
    }

    /// The keys in the order of the real service, because some clients read by line.
    private static func instanceBody(
        _ credentials: SessionCredentials, _ lastUpdated: Date, withAccount: Bool
    ) -> Secret {
        var body = JSONObjectText(capacity: capacity(for: credentials))
        body.add("Code", "Success")
        body.add("LastUpdated", AWSTimestamp.text(lastUpdated))
        body.add("Type", "AWS-HMAC")
        addKeys(credentials, to: &body)
        if withAccount { body.add("AccountId", credentials.accountID) }
        return body.secret()
    }

    /// `Code`, `LastUpdated` and `Type` belong to IMDS, but two SDKs look for them here too and none minds.
    private static func containerBody(_ credentials: SessionCredentials, _ lastUpdated: Date) -> Secret {
        var body = JSONObjectText(capacity: capacity(for: credentials))
        body.add("Code", "Success")
        body.add("LastUpdated", AWSTimestamp.text(lastUpdated))
        body.add("Type", "AWS-HMAC")
        body.add("RoleArn", credentials.roleARN.description)
        addKeys(credentials, to: &body)
        body.add("AccountId", credentials.accountID)
        return body.secret()
    }

    private static func addKeys(_ credentials: SessionCredentials, to body: inout JSONObjectText) {
        body.add("AccessKeyId", credentials.accessKeyID)
        body.add("SecretAccessKey", credentials.secretAccessKey)
        body.add("Token", credentials.sessionToken)
        body.add("Expiration", AWSTimestamp.text(credentials.expiration))
    }

    /// Enough that the text never moves while it is written, which would leave an unwiped copy behind: an escaped byte
    /// takes six at most.
    private static func capacity(for credentials: SessionCredentials) -> Int {
        let texts = credentials.accessKeyID.utf8.count + credentials.roleARN.description.utf8.count
        return 1024 + 6 * (texts + credentials.secretAccessKey.count + credentials.sessionToken.count)
    }
}
