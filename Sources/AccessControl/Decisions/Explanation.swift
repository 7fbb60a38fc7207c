/// What the rules say to a request, rule by rule: why, and why not.
package struct Explanation: Codable, Sendable, Equatable {
    package struct Rule: Codable, Sendable, Equatable {
        package var rule: String
        /// `permits`, `asks_for_approval` or `forbids`.
        package var verdict: String
        package var reason: String
    }

    package var policy: String
    package var outcome: Decision.Outcome
    /// All of them, in the order in which they were asked.
    package var rules: [Rule]
    /// What the session would have; absent if there is no such policy, or a claim is missing.
    package var tags: [PolicyTag]?
    /// How long it would be, and could be at most; absent if there is no such policy.
    package var durationSeconds: Int?
    package var longestSeconds: Int?

    /// - Parameter inDetail: whether conditions say what they saw and wanted, which isn't for everybody.
    package init(_ decision: Decision, on request: AccessRequest, knowing facts: AccessFacts, inDetail: Bool) {
        policy = request.policyID
        outcome = decision.outcome
        rules = decision.trace.map { result in
            Rule(
                rule: result.rule, verdict: result.verdict.rawValue,
                reason: inDetail ? result.reason.detail : result.reason.description)
        }
        guard let policy = facts.policy else { return }
        tags = try? policy.sessionTags(for: request.principal)
        durationSeconds = facts.sessionLength(of: request, under: policy).wholeSeconds
        longestSeconds = facts.longestSession(under: policy).duration.wholeSeconds
    }

    enum CodingKeys: String, CodingKey {
        case policy, outcome, rules, tags
        case durationSeconds = "duration_seconds"
        case longestSeconds = "longest_seconds"
    }
}
