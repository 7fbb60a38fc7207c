/// The rules that every request is asked, all of them, every time.
///
/// Fails closed: without rules nothing is allowed, one rule that forbids is enough, and approval is needed as soon as
/// one rule asks for it.
package struct AccessRules: Sendable {
    private let rules: [any AccessRule]

    package init(_ rules: [any AccessRule]) {
        self.rules = rules
    }

    /// The rules of the broker.
    package static let standard = AccessRules([
        PolicyExists(), TeamMembership(), ReasonGiven(), TicketMatches(), RecentMFA(), SourceNetwork(),
        WithinAllowedTimes(), PolicyCondition(), AutomaticRisk(), DurationWithinLimits(), UserTagClaims(),
    ])

    /// These, and one more.
    package func and(_ rule: any AccessRule) -> AccessRules { AccessRules(rules + [rule]) }

    /// Asks every rule. Pure: the same request and facts always give the same decision.
    package func decide(_ request: AccessRequest, knowing facts: AccessFacts) -> Decision {
        guard !rules.isEmpty else {
            return Decision(outcome: .deny, trace: [RuleResult(rule: "", verdict: .forbids, reason: .noRules)])
        }
        let trace = rules.map { rule in RuleResult(of: rule, on: request, knowing: facts) }
        let verdicts = Set(trace.map(\.verdict))
        let outcome: Decision.Outcome =
            if verdicts.contains(.forbids) { .deny } else if verdicts.contains(.asksForApproval) { .needsApproval } else
            {
                .allow
            }
        return Decision(outcome: outcome, trace: trace)
    }
}

extension AccessRules {
    /// Whether it is for the company's own program to say if the request needs a person: the policy doesn't say it, and
    /// nothing else stands against it. It is asked of no other.
    package func leaveToEvaluator(_ request: AccessRequest, knowing facts: AccessFacts) -> Bool {
        guard let policy = facts.policy, policy.automatic == nil else { return false }
        return decide(request, knowing: facts.with(.automatic)).outcome == .allow
    }
}

extension RuleResult {
    fileprivate init(of rule: any AccessRule, on request: AccessRequest, knowing facts: AccessFacts) {
        switch rule.verdict(on: request, knowing: facts) {
        case .permits(let reason): self.init(rule: rule.name, verdict: .permits, reason: reason)
        case .asksForApproval(let reason): self.init(rule: rule.name, verdict: .asksForApproval, reason: reason)
        case .forbids(let reason): self.init(rule: rule.name, verdict: .forbids, reason: reason)
        }
    }
}
