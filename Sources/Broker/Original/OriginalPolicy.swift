import AccessControl

/// A policy in `GET /policies`: what a requester needs to choose one. The old answer's role ARN, approver's address and
/// webhook stay with the broker.
struct OriginalPolicy: Encodable {
    let id: String
    let account: String
    let description: String
    let risk: Int

    init(_ policy: AccessPolicy) {
        id = policy.id
        account = policy.account
        description = policy.description
        risk = policy.risk.value
    }

    enum CodingKeys: String, CodingKey {
        case id = "policy_id"
        case account, description, risk
    }
}
