/// All policies and teams, as they are loaded and replaced together.
package struct PolicyCatalog: Sendable, Equatable {
    package let policies: [AccessPolicy]
    package let teams: [Team]

    /// Fails if an id is used twice or a team names a policy that doesn't exist. An empty catalog is valid and allows
    /// nothing.
    package init(policies: [AccessPolicy], teams: [Team]) throws(InvalidCatalog) {
        var policyIDs: Set<String> = []
        for policy in policies where !policyIDs.insert(policy.id).inserted {
            throw InvalidCatalog(.policy(policy.id), field: "id", "is used by an earlier policy")
        }
        var teamIDs: Set<String> = []
        for team in teams {
            guard teamIDs.insert(team.id).inserted else {
                throw InvalidCatalog(.team(team.id), field: "id", "is used by an earlier team")
            }
            if let unknown = team.policies.first(where: { !policyIDs.contains($0) }) {
                throw InvalidCatalog(.team(team.id), field: "policies", "names \"\(unknown)\", which is no policy here")
            }
        }
        self.policies = policies
        self.teams = teams
    }

    /// Allows nothing.
    package static let empty = PolicyCatalog()

    private init() {
        policies = []
        teams = []
    }
}
