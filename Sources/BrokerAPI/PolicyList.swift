/// The answer to `GET /v1/policies`: what the signed-in principal's teams may request.
package struct PolicyList: Codable, Sendable, Equatable {
    package var policies: [PolicySummary]

    package init(policies: [PolicySummary]) {
        self.policies = policies
    }
}

/// What a requester may know of a policy. Role ARNs, addresses of approvers and webhooks stay with the broker.
package struct PolicySummary: Codable, Sendable, Equatable {
    package var id: String
    package var description: String
    /// Twelve digits.
    package var account: String
    /// 1..100; over 50 needs approval.
    package var risk: Int
    /// The longest session that may be asked for, in seconds.
    package var maximumDurationSeconds: Int
    /// What a request must have: `reason`, `ticket`, `mfa`, `networks`, `times`; absent if nothing.
    package var requires: [String]?

    package init(
        id: String, description: String, account: String, risk: Int, maximumDurationSeconds: Int,
        requires: [String]? = nil
    ) {
        self.requires = requires
        self.id = id
        self.description = description
        self.account = account
        self.risk = risk
        self.maximumDurationSeconds = maximumDurationSeconds
    }

    enum CodingKeys: String, CodingKey {
        case id, description, account, risk, requires
        case maximumDurationSeconds = "maximum_duration_seconds"
    }
}
