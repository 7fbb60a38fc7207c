/// Why a rule said what it said. Programs decide by the case, people read ``description``.
package enum DecisionReason: Sendable, Hashable {
    case noRules
    case policyExists(policy: String)
    case policyUnknown(policy: String)
    case teamMayRequest(team: String, policy: String)
    case noTeamMayRequest(policy: String)
    case riskIsAutomatic(risk: Risk)
    case riskNeedsApproval(risk: Risk)
    case evaluatorAllows
    case evaluatorWantsApproval
    case evaluatorUnanswered
    case evaluatorNotAsked
    case noCondition
    case conditionHolds(ConditionBlocksTrace)
    case conditionUnmet(ConditionBlocksTrace)
    case automaticConditionUnmet(ConditionBlocksTrace)
    case nobodyApproves(policy: String)
    case durationAllowed(seconds: Int)
    case durationTooShort(seconds: Int, shortest: Int)
    case durationTooLong(seconds: Int, longest: Int, limit: DurationLimit)
    /// Whoever asked said that less will do.
    case durationShortened(seconds: Int, to: Int, limit: DurationLimit)
    case durationNotWhole
    case userTagsPresent(claims: [String])
    case userTagMissing(policy: String, claim: String)
    case userTagUnmapped(policy: String, tag: String)
    case userTagsCollide(CollidingKeys)
    /// A limit of AWS that the session would break; the text begins with AWS's name for it.
    case limitBroken(String)
    case limitsKept
    case notRequired
    case reasonGiven
    case reasonMissing
    case ticketMatches(ticket: String)
    case ticketMissing(patterns: [String])
    case ticketUnfit(patterns: [String])
    case mfaUsed
    case mfaMissing
    case mfaTooOld(seconds: Int, most: Int)
    case mfaTimeUnknown
    case sourceAllowed(SourceAddress)
    case sourceElsewhere(SourceAddress)
    case sourceUnknown
    case timeAllowed(AllowedTime)
    case timeElsewhere([AllowedTime])
    case zoneUnknown(String)
}

/// What caps a session.
package enum DurationLimit: Sendable, Hashable {
    case policy
    /// The role's `MaxSessionDuration`, as the policy says it.
    case roleMaximumSession
    /// The broker itself uses an assumed role (IAM user guide, "Role chaining").
    case roleChaining
}

extension DecisionReason {
    /// For the audit trail: also what a condition saw and wanted, which is not for whoever asked.
    package var detail: String {
        switch self {
        case .conditionHolds(let trace), .conditionUnmet(let trace), .automaticConditionUnmet(let trace):
            "\(description): \(trace.lines.joined(separator: "; "))"
        default: description
        }
    }
}

extension DecisionReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noRules: "there are no rules, so nothing is allowed"
        case .policyExists(let policy): "policy \"\(policy)\" exists"
        case .policyUnknown(let policy): "there is no policy \"\(policy)\""
        case .teamMayRequest(let team, let policy): "team \"\(team)\" may request policy \"\(policy)\""
        case .noTeamMayRequest(let policy): "none of the user's teams may request policy \"\(policy)\""
        case .riskIsAutomatic(let risk): "risk \(risk) is at most \(Risk.highestAutomatic)"
        case .riskNeedsApproval(let risk): "risk \(risk) is over \(Risk.highestAutomatic)"
        case .evaluatorAllows: "the company's evaluator allows it without approval"
        case .evaluatorWantsApproval: "the company's evaluator wants it approved"
        case .evaluatorUnanswered: "the company's evaluator gave no answer"
        case .evaluatorNotAsked: "the company's evaluator wasn't asked"
        case .noCondition: "the policy has no condition"
        case .conditionHolds(let trace):
            "the policy's condition holds" + (trace.holdingNumber.map { " (block \($0))" } ?? "")
        case .conditionUnmet(let trace): "the policy's condition on \(trace.unmetKeys) isn't met"
        case .automaticConditionUnmet(let trace):
            "the policy's condition for doing without approval, on \(trace.unmetKeys), isn't met"
        case .nobodyApproves(let policy): "policy \"\(policy)\" needs approval, and names nobody who may approve"
        case .durationAllowed(let seconds): "\(seconds) s is within the limits"
        case .durationTooShort(let seconds, let shortest): "\(seconds) s is under STS's shortest session, \(shortest) s"
        case .durationTooLong(let seconds, let longest, let limit): Self.excess(seconds, longest, limit)
        case .durationShortened(let seconds, let longest, let limit):
            "shortened to \(longest) s: \(Self.excess(seconds, longest, limit))"
        case .durationNotWhole: "the duration is not in whole seconds"
        case .userTagsPresent(let claims):
            claims.isEmpty ? "the policy asks for no user tags" : "the user has \(claims.joined(separator: ", "))"
        case .userTagMissing(let policy, let claim):
            "policy \"\(policy)\" needs the claim \"\(claim)\", which the user lacks"
        case .userTagUnmapped(let policy, let tag):
            "policy \"\(policy)\" needs the tag \"\(tag)\", for which the user's identity provider has no claim here"
        case .userTagsCollide(let keys): "the session would have the tags \(keys)"
        case .limitBroken(let rule): rule
        case .limitsKept: "it keeps AWS's limits"
        default: requirement
        }
    }

    private static func excess(_ seconds: Int, _ longest: Int, _ limit: DurationLimit) -> String {
        switch limit {
        case .policy: "\(seconds) s is over the policy's longest session, \(longest) s"
        case .roleMaximumSession: "\(seconds) s is over the role's MaxSessionDuration, \(longest) s"
        case .roleChaining:
            "\(seconds) s is over \(longest) s, the longest session that AWS allows when roles are chained"
        }
    }
}
