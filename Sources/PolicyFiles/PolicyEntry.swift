import AWSAPI
import AccessControl
import Credentials
import StrictYAML

/// One policy of `policies.yaml`.
struct PolicyEntry: Decodable {
    let policy: AccessPolicy

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
        let inlinePolicy: InlinePolicyField?
        let condition: ConditionBlock?
        let automatic: ConditionBlock?
        let approval: ApprovalField?

        enum CodingKeys: String, CodingKey {
            case id, description, account, risk, condition, automatic, approval
            case baseRole = "base_role"
            case managedPolicies = "managed_policies"
            case userTags = "user_tags"
            case defaultTags = "default_tags"
            case maximumDuration = "max_duration"
            case transitiveTags = "transitive_tags"
            case externalID = "external_id"
            case inlinePolicy = "inline_policy"
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        do throws(InvalidCatalog) {
            policy = try AccessPolicy(
                id: fields.id, description: fields.description, account: fields.account, baseRole: fields.baseRole.role,
                risk: fields.risk.risk, managedPolicies: fields.managedPolicies ?? [], userTags: fields.userTags ?? [],
                defaultTags: fields.defaultTags?.map(\.tag) ?? [], maximumDuration: fields.maximumDuration.duration,
                transitiveTags: fields.transitiveTags ?? [], externalID: fields.externalID,
                inlinePolicy: fields.inlinePolicy?.text,
                condition: fields.condition, automatic: fields.automatic, approval: fields.approval?.rule)
        } catch {
            throw decoder.refusal("is unusable: \(error)")
        }
        do throws(STSLimitViolation) {
            try policy.checkLimits()
        } catch {
            throw decoder.refusal("breaks a limit of AWS: policy \"\(policy.id)\": \(error)")
        }
    }

    /// What is allowed, and likely to fail all the same; one sentence each.
    static func warnings(for policy: AccessPolicy) -> [String] {
        [sizeWarning(for: policy), approvalWarning(for: policy)].compactMap(\.self)
    }

    private static func approvalWarning(for policy: AccessPolicy) -> String? {
        guard policy.automatic == nil, !policy.risk.isAutomatic, policy.approval == nil else { return nil }
        return
            "policy \"\(policy.id)\" has a risk over \(Risk.highestAutomatic) and no approval, so each request is refused"
    }

    /// `nil` unless the tags alone are likely to be over AWS's packed size.
    private static func sizeWarning(for policy: AccessPolicy) -> String? {
        let characters = STSLimits.tagCharacters(policy.exampleTags)
        guard characters > STSLimits.advisedTagCharacters else { return nil }
        return "policy \"\(policy.id)\" has \(characters) characters of session tags, the users' values not counted; "
            + "AWS packs about \(STSLimits.advisedTagCharacters)"
    }
}

extension AccessPolicy {
    /// The session tags with the users' values left empty.
    fileprivate var exampleTags: [SessionTag] {
        userTags.map { SessionTag(key: $0, value: "") } + defaultTags.map { SessionTag(key: $0.key, value: $0.value) }
    }

    /// Makes the call that an issuance would make, with the shortest names; fails with the limit of STS that it breaks.
    fileprivate func checkLimits() throws(STSLimitViolation) {
        _ = try AssumeRoleInput(
            roleARN: baseRole, roleSessionName: "user", durationSeconds: maximumDuration.wholeSeconds,
            tags: exampleTags, transitiveTagKeys: transitiveTags, policyARNs: managedPolicies, policy: inlinePolicy,
            externalID: externalID, sourceIdentity: "user")
    }
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
