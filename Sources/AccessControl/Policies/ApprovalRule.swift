/// Who must agree before a request under a policy is granted, where the rules don't allow it at once.
package struct ApprovalRule: Codable, Sendable, Hashable {
    /// The teams whose members may decide, as the identity provider writes them.
    package let teams: [String]
    /// What must hold of them besides, and of what they decide on.
    package let condition: ConditionBlocks?
    /// How many of them must approve: 1...10. One who denies ends it.
    package let count: Int
    /// Whether somebody may approve what they requested themselves.
    package let allowsOwnRequests: Bool
    /// How long a request waits for them: 60 seconds to 30 days.
    package let patienceSeconds: Int
    /// The broker's notification targets that are told what waits and what became of it; `nil` for none.
    package let notify: [String]?

    /// Where a policy doesn't say: one day.
    package static let defaultPatienceSeconds = 86_400

    package init(
        teams: [String], condition: ConditionBlocks? = nil, count: Int, allowsOwnRequests: Bool, patienceSeconds: Int,
        notify: [String]? = nil
    ) {
        self.teams = teams
        self.condition = condition
        self.count = count
        self.allowsOwnRequests = allowsOwnRequests
        self.patienceSeconds = patienceSeconds
        self.notify = notify
    }

    /// What is wrong with it, as field and sentence; `nil` if nothing is.
    var problem: (field: String, problem: String)? {
        if teams.isEmpty { return ("approval.teams", "must name a team whose members may approve") }
        if let team = teams.first(where: { !isTeamName($0) }) {
            return ("approval.teams", "has \"\(team)\", which can't be a team's name")
        }
        if Set(teams).count != teams.count { return ("approval.teams", "names a team twice") }
        if !(1...10).contains(count) { return ("approval.count", "must be 1 to 10") }
        if !(60...30 * 86_400).contains(patienceSeconds) { return ("approval.expires_after", "must be 1m to 30d") }
        // A transaction of DynamoDB has at most 100 items, and each target's notice is two (docs/store.md).
        if let notify, notify.count > 20 { return ("approval.notify", "has more than 20 targets") }
        if let notify, Set(notify).count != notify.count { return ("approval.notify", "names a target twice") }
        return nil
    }
}
