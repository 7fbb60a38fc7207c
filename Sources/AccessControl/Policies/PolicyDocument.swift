import Credentials
import Crypto
package import FoundationEssentials

/// A policy's content as it is stored: one JSON object with sorted keys, in the attribute names of the original system.
package struct PolicyDocument: Codable, Sendable {
    var id: String
    var description: String
    var account: String
    var baseRole: String
    var risk: Int
    var managedPolicies: [String]
    var userTags: [String]
    var defaultTags: [PolicyTag]
    var maximumDurationSeconds: Int
    // What most policies don't have is left out, so that their versions don't change with ours.
    var transitiveTags: [String]?
    var externalID: String?
    var inlinePolicy: String?
    var roleMaximumSessionSeconds: Int?
    var grantTag: String?
    /// Never written as `true`.
    var sourceIdentity: Bool?
    var requirements: Requirements?
    var condition: ConditionBlocks?
    var automatic: ConditionBlocks?
    var approval: ApprovalRule?

    enum CodingKeys: String, CodingKey {
        case id = "policy_id"
        case description, account, risk, requirements, condition, automatic, approval
        case baseRole = "base_role"
        case managedPolicies = "managed_policies"
        case userTags = "user_tags"
        case defaultTags = "default_tags"
        case maximumDurationSeconds = "max_duration_seconds"
        case transitiveTags = "transitive_tags"
        case externalID = "external_id"
        case inlinePolicy = "inline_policy"
        case roleMaximumSessionSeconds = "role_max_session_seconds"
        case grantTag = "grant_tag"
        case sourceIdentity = "source_identity"
    }
}

/// Which content of a policy was meant: the SHA-256 of its document, in hex. A decision and the credentials minted
/// under it name the same version, or there are no credentials.
package struct PolicyVersion: Sendable, Hashable, CustomStringConvertible {
    /// 64 hexadecimal digits.
    package let description: String

    /// A version as it was stored; it only ever gets compared.
    package init(stored text: String) {
        description = text
    }

    init(of document: PolicyDocument) throws(InvalidCatalog) {
        description = hexadecimal(SHA256.hash(data: try document.stored()))
    }
}

extension PolicyDocument {
    func stored() throws(InvalidCatalog) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(self)
        } catch {
            throw InvalidCatalog(.policy(id), field: "", "cannot be written as JSON")
        }
    }
}

extension AccessPolicy {
    /// The document that ``init(document:)`` reads back.
    package func document() throws(InvalidCatalog) -> Data {
        try PolicyDocument(
            id: id, description: description, account: account, baseRole: baseRole.description, risk: risk.value,
            managedPolicies: managedPolicies, userTags: userTags, defaultTags: defaultTags,
            maximumDurationSeconds: Int(clamping: maximumDuration.components.seconds),
            transitiveTags: transitiveTags.isEmpty ? nil : transitiveTags, externalID: externalID,
            inlinePolicy: inlinePolicy, roleMaximumSessionSeconds: roleMaximumSession?.wholeSeconds,
            grantTag: grantTag, sourceIdentity: setsSourceIdentity ? nil : false, requirements: requirements,
            condition: condition, automatic: automatic, approval: approval
        ).stored()
    }

    /// Reads a stored document by the same rules as a new policy: one without a base role, or with a risk that is not
    /// a number from 1 to 100, is no policy.
    package init(document: Data) throws(InvalidCatalog) {
        let fields: PolicyDocument
        let role: RoleARN
        do {
            fields = try JSONDecoder().decode(PolicyDocument.self, from: document)
            role = try RoleARN(fields.baseRole)
        } catch let error as InvalidRoleARN {
            throw InvalidCatalog(.policy("?"), field: "base_role", error.description)
        } catch {
            throw InvalidCatalog(.policy("?"), field: "", "the stored document is incomplete or has a wrong type")
        }
        guard let risk = Risk(fields.risk) else {
            throw InvalidCatalog(.policy(fields.id), field: "risk", "must be from 1 to 100, not \(fields.risk)")
        }
        try self.init(
            id: fields.id, description: fields.description, account: fields.account, baseRole: role, risk: risk,
            managedPolicies: fields.managedPolicies, userTags: fields.userTags, defaultTags: fields.defaultTags,
            maximumDuration: .seconds(fields.maximumDurationSeconds), transitiveTags: fields.transitiveTags ?? [],
            externalID: fields.externalID, inlinePolicy: fields.inlinePolicy,
            roleMaximumSession: fields.roleMaximumSessionSeconds.map { .seconds($0) }, grantTag: fields.grantTag,
            setsSourceIdentity: fields.sourceIdentity ?? true, requirements: fields.requirements,
            condition: fields.condition, automatic: fields.automatic, approval: fields.approval)
    }
}

/// Two lower-case digits for each byte.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
