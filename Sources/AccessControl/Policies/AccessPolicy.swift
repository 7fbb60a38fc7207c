package import Credentials

/// An STS Broker policy: which role may be assumed, with which tags, for how long and at which risk.
///
/// A value of this type is complete and consistent; what isn't cannot be made. AWS's own limits on what is sent to STS
/// are the issuer's to check.
package struct AccessPolicy: Sendable, Hashable {
    /// 1...128 characters without control characters or blanks around them.
    package let id: String
    /// For the people who choose a policy.
    package let description: String
    /// The role that is assumed.
    package let baseRole: RoleARN
    package let risk: Risk
    /// ARNs of at most ten IAM policies that narrow the session (STS AssumeRole, `PolicyArns`).
    package let managedPolicies: [String]
    /// Each becomes a session tag whose value is a verified claim of the principal; which one, the issuer's configuration says.
    package let userTags: [String]
    /// Session tags with fixed values.
    package let defaultTags: [PolicyTag]
    /// 900...43200 whole seconds (STS AssumeRole, `DurationSeconds`).
    package let maximumDuration: Duration
    /// The base role's `MaxSessionDuration`, 3600...43200 s (IAM CreateRole); `nil` if the policy doesn't say it.
    package let roleMaximumSession: Duration?
    /// Keys among the tags that stay on sessions further down a role chain (STS AssumeRole, `TransitiveTagKeys`).
    package let transitiveTags: [String]
    /// What the role's owner wants to hear from us (STS AssumeRole, `ExternalId`).
    package let externalID: String?
    /// An IAM policy in JSON that narrows the session (STS AssumeRole, `Policy`), as a template over the session's tags.
    package let inlinePolicy: String?
    /// The same, read.
    private(set) var inlineTemplate: InlinePolicy?
    /// The key of a session tag with the request's id, by which one grant's sessions can be told apart in IAM.
    package let grantTag: String?
    /// Whether sessions carry the user's name (STS AssumeRole, `SourceIdentity`), which the role's trust must allow.
    package let setsSourceIdentity: Bool
    /// What every request must have.
    package let requirements: Requirements?
    /// What must hold for anybody's request; `nil` for nothing.
    package let condition: ConditionBlocks?
    /// When no approval is needed; `nil` for up to the risk that is automatic for all.
    package let automatic: ConditionBlocks?
    /// Who may grant what the rules don't allow at once; without it, that is refused.
    package let approval: ApprovalRule?
    /// Identifies the content above; equal content has an equal version.
    package let version: PolicyVersion

    /// Fails with the first rule that the content breaks.
    package init(
        id: String,
        description: String,
        account: String,
        baseRole: RoleARN,
        risk: Risk,
        managedPolicies: [String] = [],
        userTags: [String] = [],
        defaultTags: [PolicyTag] = [],
        maximumDuration: Duration,
        transitiveTags: [String] = [],
        externalID: String? = nil,
        inlinePolicy: String? = nil,
        roleMaximumSession: Duration? = nil,
        grantTag: String? = nil,
        setsSourceIdentity: Bool = true,
        requirements: Requirements? = nil,
        condition: ConditionBlocks? = nil,
        automatic: ConditionBlocks? = nil,
        approval: ApprovalRule? = nil
    ) throws(InvalidCatalog) {
        self.id = id
        self.description = description
        self.baseRole = baseRole
        self.risk = risk
        self.managedPolicies = managedPolicies
        self.userTags = userTags
        self.defaultTags = defaultTags
        self.maximumDuration = maximumDuration
        self.transitiveTags = transitiveTags
        self.externalID = externalID
        self.inlinePolicy = inlinePolicy
        self.roleMaximumSession = roleMaximumSession
        self.grantTag = grantTag
        self.setsSourceIdentity = setsSourceIdentity
        self.requirements = requirements
        self.condition = condition
        self.automatic = automatic
        self.approval = approval
        version = try PolicyVersion(
            of: PolicyDocument(
                id: id, description: description, account: account, baseRole: baseRole.description, risk: risk.value,
                managedPolicies: managedPolicies, userTags: userTags, defaultTags: defaultTags,
                maximumDurationSeconds: Int(clamping: maximumDuration.components.seconds),
                transitiveTags: transitiveTags.isEmpty ? nil : transitiveTags, externalID: externalID,
                inlinePolicy: inlinePolicy, roleMaximumSessionSeconds: roleMaximumSession?.wholeSeconds,
                grantTag: grantTag, sourceIdentity: setsSourceIdentity ? nil : false, requirements: requirements,
                condition: condition, automatic: automatic, approval: approval))
        try checkIdentity(account: account)
        try checkManagedPolicies()
        try checkTagKeys()
        try checkDuration()
        inlineTemplate = try checkedTemplate()
        if let problem = approval?.problem {
            throw InvalidCatalog(.policy(id), field: problem.field, problem.problem)
        }
        try check(condition, field: "condition", requesterKeys: false)
        try check(automatic, field: "automatic", requesterKeys: false)
        try check(approval?.condition, field: "approval.condition", requesterKeys: true)
    }

    /// The twelve digits of the account that owns the role.
    package var account: String { baseRole.accountID }
}

extension AccessPolicy {
    private func checkIdentity(account: String) throws(InvalidCatalog) {
        guard isIdentifier(id) else {
            throw InvalidCatalog(.policy(id), field: "id", "must be 1 to 128 characters without control characters")
        }
        guard account == baseRole.accountID else {
            let problem = "\"\(account)\" is not the account of base_role, which is \(baseRole.accountID)"
            throw InvalidCatalog(.policy(id), field: "account", problem)
        }
    }

    /// What the broker can't know would make a condition that never holds.
    private func check(_ condition: ConditionBlocks?, field: String, requesterKeys: Bool) throws(InvalidCatalog) {
        let known: (ConditionKey) -> Bool = { key in
            switch key {
            case .requester, .requesterTeam: requesterKeys
            default: true
            }
        }
        let blocks = condition?.blocks ?? []
        for (index, block) in blocks.enumerated() {
            guard let key = block.keys.filter({ !known($0) }).map(\.name).min() else { continue }
            let place = blocks.count == 1 ? field : "\(field)[\(index)]"
            throw InvalidCatalog(.policy(id), field: place, "asks for \(key), which is not known there")
        }
    }

    private func checkManagedPolicies() throws(InvalidCatalog) {
        guard managedPolicies.count <= 10 else {
            let problem = "has \(managedPolicies.count) entries; STS takes at most 10 PolicyArns"
            throw InvalidCatalog(.policy(id), field: "managed_policies", problem)
        }
        guard Set(managedPolicies).count == managedPolicies.count else {
            throw InvalidCatalog(.policy(id), field: "managed_policies", "names a policy twice")
        }
    }

    private func checkTagKeys() throws(InvalidCatalog) {
        if grantTag?.isEmpty == true { throw InvalidCatalog(.policy(id), field: "grant_tag", "is empty") }
        if userTags.contains(where: \.isEmpty) {
            throw InvalidCatalog(.policy(id), field: "user_tags", "has an empty name")
        }
        if defaultTags.contains(where: \.key.isEmpty) {
            throw InvalidCatalog(.policy(id), field: "default_tags", "has an empty key")
        }
        if let keys = tagKeys.firstCollision {
            let field =
                userTags.contains(keys.second) ? "user_tags" : keys.second == grantTag ? "grant_tag" : "default_tags"
            throw InvalidCatalog(.policy(id), field: field, "has the keys \(keys)")
        }
        let keys = Set(tagKeys)
        if let key = transitiveTags.first(where: { !keys.contains($0) }) {
            throw InvalidCatalog(
                .policy(id), field: "transitive_tags", "names \"\(key)\", which is no tag of the policy")
        }
        if let keys = transitiveTags.firstCollision {
            throw InvalidCatalog(.policy(id), field: "transitive_tags", "names \(keys)")
        }
    }

    private func checkDuration() throws(InvalidCatalog) {
        guard SessionLength.range.contains(maximumDuration), maximumDuration.components.attoseconds == 0 else {
            let problem = "must be whole seconds from 15m to 12h, as STS's DurationSeconds"
            throw InvalidCatalog(.policy(id), field: "max_duration", problem)
        }
        guard let roleMaximumSession else { return }
        guard SessionLength.roleMaximum.contains(roleMaximumSession), roleMaximumSession.components.attoseconds == 0
        else {
            let problem = "must be whole seconds from 1h to 12h, as IAM's MaxSessionDuration"
            throw InvalidCatalog(.policy(id), field: "role_max_session", problem)
        }
        guard maximumDuration <= roleMaximumSession else {
            let most = roleMaximumSession.wholeSeconds
            let problem =
                "is \(maximumDuration.wholeSeconds) s, over the role's MaxSessionDuration, which role_max_session says is \(most) s"
            throw InvalidCatalog(.policy(id), field: "max_duration", problem)
        }
    }

    private func checkedTemplate() throws(InvalidCatalog) -> InlinePolicy? {
        guard let inlinePolicy else { return nil }
        do throws(InvalidInlinePolicy) {
            // The values that are known already; the users' are looked at with each request.
            let known = Dictionary(defaultTags.map { ($0.key, $0.value) }) { first, _ in first }
            let tags = tagKeys.map { PolicyTag(key: $0, value: known[$0] ?? "x") }
            let template = try InlinePolicy(inlinePolicy, tags: tagKeys)
            try IAMPolicyForm.check(inlinePolicy)
            _ = try template.filled(with: tags)
            return template
        } catch {
            throw InvalidCatalog(.policy(id), field: "inline_policy", error.description)
        }
    }
}

/// What STS allows for any assumed role (AssumeRole, `DurationSeconds`), and with chained roles.
package enum SessionLength {
    package static let range: ClosedRange<Duration> = .seconds(900) ... .seconds(43_200)
    /// What a role's own `MaxSessionDuration` may be (IAM CreateRole); without it, it is the shortest of these.
    package static let roleMaximum: ClosedRange<Duration> = .seconds(3_600) ... .seconds(43_200)
    /// Role chaining caps a session at one hour (IAM user guide, "Role chaining").
    package static let longestChained: Duration = .seconds(3_600)
}

/// Whether a text may name a policy or a team: 1...128 characters, nothing that disappears in a log.
func isIdentifier(_ text: String) -> Bool {
    (1...128).contains(text.count) && text.first?.isWhitespace == false && text.last?.isWhitespace == false
        && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control && $0 != "\u{2028}" }
}
