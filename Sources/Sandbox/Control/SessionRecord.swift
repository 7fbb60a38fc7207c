import FoundationEssentials

/// One session that STS minted, as `GET /sessions` shows it: everything but the secrets.
package struct SessionRecord: Codable, Sendable, Equatable {
    package var accessKeyID: String
    package var arn: String
    package var roleARN: String
    package var sessionName: String
    package var assumedBy: String
    package var tags: [String: String]
    package var transitiveTagKeys: [String]
    package var sourceIdentity: String?
    package var policy: String?
    package var policyARNs: [String]
    /// RFC 3339.
    package var issued: String
    package var expiration: String

    package init(accessKeyID: String, session: RoleSession) {
        self.accessKeyID = accessKeyID
        arn = session.arn
        roleARN = session.roleARN
        sessionName = session.sessionName
        assumedBy = session.assumedBy
        tags = Dictionary(session.tags.map { ($0.key, $0.value) }) { first, _ in first }
        transitiveTagKeys = session.transitiveTagKeys
        sourceIdentity = session.sourceIdentity
        policy = session.policy
        policyARNs = session.policyARNs
        issued = session.issued.formatted(.iso8601)
        expiration = session.expiration.formatted(.iso8601)
    }

    enum CodingKeys: String, CodingKey {
        case arn, tags, policy, issued, expiration
        case accessKeyID = "access_key_id"
        case roleARN = "role_arn"
        case sessionName = "session_name"
        case assumedBy = "assumed_by"
        case transitiveTagKeys = "transitive_tag_keys"
        case sourceIdentity = "source_identity"
        case policyARNs = "policy_arns"
    }
}
