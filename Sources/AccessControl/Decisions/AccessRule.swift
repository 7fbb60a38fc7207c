/// One question that every request is asked. A rule that cannot tell forbids.
package protocol AccessRule: Sendable {
    /// Stable; appears in the audit trail.
    var name: String { get }
    /// What the rule says to the request, given what the broker knows.
    func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict
}

/// A rule's answer with its reason.
package enum RuleVerdict: Sendable, Equatable {
    case permits(DecisionReason)
    case asksForApproval(DecisionReason)
    case forbids(DecisionReason)
}

/// What the broker knows when it decides. Absent facts are absent, never assumed.
package struct AccessFacts: Sendable {
    /// The requested policy, in the one version that is decided on; `nil` if there is none.
    package let policy: AccessPolicy?
    /// The teams of the principal that the broker knows.
    package let teams: [Team]
    /// Whether the broker's own AWS credentials come from an assumed role.
    package let chainsRoles: Bool
    /// `nil` where no program is asked.
    package let evaluation: ExternalEvaluation?

    package init(policy: AccessPolicy?, teams: [Team], chainsRoles: Bool, evaluation: ExternalEvaluation? = nil) {
        self.evaluation = evaluation
        self.policy = policy
        self.teams = teams
        self.chainsRoles = chainsRoles
    }

    /// The same, with that word of the company's program.
    package func with(_ evaluation: ExternalEvaluation) -> AccessFacts {
        AccessFacts(policy: policy, teams: teams, chainsRoles: chainsRoles, evaluation: evaluation)
    }

    /// The longest session that the policy and AWS allow together, and which of them it is.
    package func longestSession(under policy: AccessPolicy) -> (duration: Duration, limit: DurationLimit) {
        if chainsRoles, policy.maximumDuration > SessionLength.longestChained {
            return (SessionLength.longestChained, .roleChaining)
        }
        return (policy.maximumDuration, .policy)
    }
}
