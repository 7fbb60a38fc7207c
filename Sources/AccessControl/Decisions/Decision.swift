/// What the rules say to a request, with all of what each rule said.
package struct Decision: Sendable, Equatable {
    package enum Outcome: String, Codable, Sendable {
        case allow
        case deny
        case needsApproval = "needs_approval"
    }

    package let outcome: Outcome
    /// One entry per rule, in the order in which the rules were asked.
    package let trace: [RuleResult]

    /// What led to the outcome: what allowed it, what forbade it, or what asks for an approver. Each reason once.
    package var reasons: [DecisionReason] {
        let decisive: RuleResult.Verdict =
            switch outcome {
            case .allow: .permits
            case .deny: .forbids
            case .needsApproval: .asksForApproval
            }
        return trace.filter { $0.verdict == decisive }.map(\.reason).reduce(into: []) { reasons, reason in
            if !reasons.contains(reason) { reasons.append(reason) }
        }
    }
}

/// What one rule said to one request.
package struct RuleResult: Sendable, Equatable {
    package enum Verdict: String, Sendable {
        case permits
        case asksForApproval = "asks_for_approval"
        case forbids
    }

    /// The rule's name; empty when there was no rule to ask.
    package let rule: String
    package let verdict: Verdict
    package let reason: DecisionReason

    package init(rule: String, verdict: Verdict, reason: DecisionReason) {
        self.rule = rule
        self.verdict = verdict
        self.reason = reason
    }
}
