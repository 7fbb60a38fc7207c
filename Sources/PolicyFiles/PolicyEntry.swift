import AccessControl
import Credentials
import StrictYAML

/// One policy of `policies.yaml`, refused at its place if it can't be used.
struct UsablePolicyEntry: Decodable {
    let policy: AccessPolicy

    init(from decoder: any Decoder) throws {
        let entry = try PolicyEntry(from: decoder)
        do throws(InvalidCatalog) {
            policy = try entry.policy.get()
        } catch {
            throw decoder.refusal("is unusable: \(error)")
        }
    }
}

/// One policy of `policies.yaml`, or the rule that its fields break together.
struct PolicyEntry: Decodable {
    let id: String
    let policy: Result<AccessPolicy, InvalidCatalog>

    private struct Fields: Decodable {
        let id: String
        let description: String
        let account: String
        let baseRole: RoleField
        let risk: RiskField
        let managedPolicies: [String]?
        let userTags: [String]?
        let defaultTags: [TagField]?
        let maximumDuration: ConfiguredDuration
        let transitiveTags: [String]?
        let externalID: String?
        let inlinePolicy: String?
        let roleMaximumSession: ConfiguredDuration?
        let grantTag: String?
        let sourceIdentity: Bool?
        let requirements: RequirementsField?
        let condition: ConditionBlocks?
        let automatic: ConditionBlocks?
        let approval: ApprovalField?

        typealias CodingKeys = PolicyKey
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        id = fields.id
        policy = Result { () throws(InvalidCatalog) in try Self.policy(of: fields) }
    }

    private static func policy(of fields: Fields) throws(InvalidCatalog) -> AccessPolicy {
        let policy = try AccessPolicy(
            id: fields.id, description: fields.description, account: fields.account, baseRole: fields.baseRole.role,
            risk: fields.risk.risk, managedPolicies: fields.managedPolicies ?? [], userTags: fields.userTags ?? [],
            defaultTags: fields.defaultTags?.map(\.tag) ?? [], maximumDuration: fields.maximumDuration.duration,
            transitiveTags: fields.transitiveTags ?? [], externalID: fields.externalID,
            inlinePolicy: fields.inlinePolicy, roleMaximumSession: fields.roleMaximumSession?.duration,
            grantTag: fields.grantTag, setsSourceIdentity: fields.sourceIdentity ?? true,
            requirements: fields.requirements?.requirements, condition: fields.condition,
            automatic: fields.automatic, approval: fields.approval?.rule)
        try checkKeys(of: policy)
        do throws(BrokenLimit) {
            try policy.checkSession(with: policy.exampleTags)
        } catch {
            throw InvalidCatalog(.policy(policy.id), field: "", "breaks a limit of AWS: \(error)")
        }
        return policy
    }

    /// IAM's grammar lets no key of an inline policy stand twice in one place, and readers of JSON disagree on which counts.
    private static func checkKeys(of policy: AccessPolicy) throws(InvalidCatalog) {
        guard let text = policy.inlinePolicy else { return }
        do throws(InvalidYAML) {
            _ = try StrictYAML.decodeJSON(AnyJSON.self, from: Array(text.utf8), file: "inline_policy")
        } catch {
            throw InvalidCatalog(.policy(policy.id), field: "inline_policy", error.message)
        }
    }
}

/// Any JSON value, of which only the form counts.
private struct AnyJSON: Decodable {
    init(from decoder: any Decoder) throws {}
}

private struct RiskField: Decodable {
    let risk: Risk

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let risk = Int(text).flatMap(Risk.init) else {
            throw decoder.refusal("must be a whole number from 1 to 100, but is \"\(text)\"")
        }
        self.risk = risk
    }
}

private struct RoleField: Decodable {
    let role: RoleARN

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do throws(InvalidRoleARN) {
            role = try RoleARN(text)
        } catch {
            throw decoder.refusal("is no role: \(error)")
        }
    }
}

/// `{key: value}`: a tag as a mapping of one pair, as the original system wrote them.
private struct TagField: Decodable {
    let tag: PolicyTag

    init(from decoder: any Decoder) throws {
        let pairs = try [String: String](from: decoder)
        guard pairs.count == 1, let pair = pairs.first else {
            throw decoder.refusal("must be a mapping of one key to one value")
        }
        tag = PolicyTag(key: pair.key, value: pair.value)
    }
}
