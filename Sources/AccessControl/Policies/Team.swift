/// A team and the policies that its members may request.
package struct Team: Codable, Sendable, Hashable {
    /// As the identity provider writes it in the teams claim; 1...128 characters, no comma or blank.
    package let id: String
    /// Ids of policies.
    package let policies: [String]

    /// Fails if the id could not come out of a teams claim (see ``isTeamName(_:)``) or a policy is named twice.
    package init(id: String, policies: [String]) throws(InvalidCatalog) {
        guard isTeamName(id) else {
            let problem = "must be 1 to 128 characters without blanks, commas, quotes, brackets or control characters"
            throw InvalidCatalog(.team(id), field: "id", problem)
        }
        guard Set(policies).count == policies.count else {
            throw InvalidCatalog(.team(id), field: "policies", "names a policy twice")
        }
        self.id = id
        self.policies = policies
    }
}

/// Whether a text can name a team. Blanks, commas, quotes and brackets separate names in a teams claim, so no name has
/// any.
package func isTeamName(_ text: some StringProtocol) -> Bool {
    (1...128).contains(text.count)
        && text.unicodeScalars.allSatisfy { scalar in
            !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
                && !",\"'[]".unicodeScalars.contains(scalar)
        }
}
