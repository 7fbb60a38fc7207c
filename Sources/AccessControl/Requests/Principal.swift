/// Who asks, as an identity provider that the broker trusts has said.
package struct Principal: Sendable, Equatable {
    package let id: PrincipalID
    /// The name for people, and for the session's name; which claim it is, is configuration.
    package let userName: String
    /// Which claim it is, is configuration.
    package let teams: [String]
    /// Every claim with a text value, by its name: the source of user tags.
    package let claims: [String: String]

    package init(id: PrincipalID, userName: String, teams: [String], claims: [String: String]) {
        self.id = id
        self.userName = userName
        self.teams = teams
        self.claims = claims
    }
}

/// What identifies a principal for good: a subject is unique only within its issuer (OpenID Connect Core, section 2).
package struct PrincipalID: Codable, Sendable, Hashable {
    package let issuer: String
    package let subject: String

    package init(issuer: String, subject: String) {
        self.issuer = issuer
        self.subject = subject
    }
}
