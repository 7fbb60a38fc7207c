/// Forbids a request without a ticket of the form that the policy wants.
package struct TicketMatches: AccessRule {
    package let name = "ticket_matches"

    package init() {}

    package func verdict(on request: AccessRequest, knowing facts: AccessFacts) -> RuleVerdict {
        guard let policy = facts.policy else { return .forbids(.policyUnknown(policy: request.policyID)) }
        guard let patterns = policy.requirements?.ticket else { return .permits(.notRequired) }
        guard let ticket = request.ticket else { return .forbids(.ticketMissing(patterns: patterns.texts)) }
        return patterns.match(ticket)
            ? .permits(.ticketMatches(ticket: ticket)) : .forbids(.ticketUnfit(patterns: patterns.texts))
    }
}
