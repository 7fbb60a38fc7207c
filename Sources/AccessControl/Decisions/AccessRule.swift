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
    /// `nil` where there is no such program.
    package let evaluation: ExternalEvaluation?
    /// The time zones that the policy names, by name; one that isn't here is unknown.
    package let zones: [String: ZoneOffsets]

    package init(
        policy: AccessPolicy?, teams: [Team], chainsRoles: Bool, evaluation: ExternalEvaluation? = nil,
        zones: [String: ZoneOffsets] = [:]
    ) {
        self.evaluation = evaluation
        self.zones = zones
        self.policy = policy
        self.teams = teams
        self.chainsRoles = chainsRoles
    }

    /// The same, with that word of the company's program.
    package func with(_ evaluation: ExternalEvaluation) -> AccessFacts {
        AccessFacts(policy: policy, teams: teams, chainsRoles: chainsRoles, evaluation: evaluation, zones: zones)
    }

    /// The longest session that the policy and AWS allow together, and which of them it is.
    package func longestSession(under policy: AccessPolicy) -> (duration: Duration, limit: DurationLimit) {
        policy.longestSession(chainsRoles: chainsRoles)
    }

    /// How long the request's session is to be: as long as it asks for, or as long as possible if it doesn't say, or says that
    /// less will do.
    package func sessionLength(of request: AccessRequest, under policy: AccessPolicy) -> Duration {
        let longest = longestSession(under: policy).duration
        guard let asked = request.duration else { return longest }
        return request.allowsShorter ? min(asked, longest) : asked
    }
}
