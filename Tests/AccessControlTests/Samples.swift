import AccessControl
import Credentials
import FoundationEssentials

/// Values that the tests of this target vary.
enum Sample {
    static let principalID = PrincipalID(issuer: "https://idp.example", subject: "sub-1")

    static func principal(
        teams: [String] = ["developers"], claims: [String: String] = ["custom:department": "research"]
    ) -> Principal {
        Principal(id: principalID, userName: "developer", teams: teams, claims: claims)
    }

    static func policy(
        id: String = "reader", account: String = "111122223333", risk: Int = 10, managed: [String] = [],
        userTags: [String] = ["department"], defaultTags: [PolicyTag] = [PolicyTag(key: "stage", value: "dev")],
        maximum: Duration = .seconds(3600), description: String = "reads",
        roleMaximum: Duration? = nil, grantTag: String? = nil, inline: String? = nil, transitive: [String] = [],
        sourceIdentity: Bool = true, requirements: Requirements? = nil, condition: ConditionBlock? = nil,
        automatic: ConditionBlock? = nil, approval: ApprovalRule? = approval()
    ) throws -> AccessPolicy {
        guard let risk = Risk(risk) else { throw NoSuchRisk() }
        return try AccessPolicy(
            id: id, description: description, account: account,
            baseRole: try RoleARN("arn:aws:iam::111122223333:role/Reader"), risk: risk, managedPolicies: managed,
            userTags: userTags, defaultTags: defaultTags, maximumDuration: maximum, transitiveTags: transitive,
            inlinePolicy: inline, roleMaximumSession: roleMaximum, grantTag: grantTag,
            setsSourceIdentity: sourceIdentity, requirements: requirements,
            condition: condition.map { ConditionBlocks($0) }, automatic: automatic.map { ConditionBlocks($0) },
            approval: approval)
    }

    static func approval(
        teams: [String] = ["security"], condition: ConditionBlock? = nil, count: Int = 1, ownRequests: Bool = false,
        patience: Int = 3600
    ) -> ApprovalRule {
        ApprovalRule(
            teams: teams, condition: condition.map { ConditionBlocks($0) }, count: count,
            allowsOwnRequests: ownRequests, patienceSeconds: patience)
    }

    static func request(
        policy: String = "reader", duration: Duration? = .seconds(900), principal: Principal = principal(),
        allowsShorter: Bool = false, reason: String? = nil, ticket: String? = nil, startsAt: Date? = nil
    ) -> AccessRequest {
        AccessRequest(
            id: .random(), principal: principal, policyID: policy, duration: duration, allowsShorter: allowsShorter,
            reason: reason, ticket: ticket, receivedAt: now, startsAt: startsAt)
    }

    /// Friday, 15 January 2027, 08:00 UTC.
    static let now = Date(timeIntervalSince1970: 1_800_000_000)

    struct NoSuchRisk: Error {}
}
