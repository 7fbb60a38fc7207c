package import Credentials
package import FoundationEssentials

/// Who asks, as an identity provider that the broker trusts has said.
package struct Principal: Sendable, Equatable {
    package let id: PrincipalID
    /// The name for people, and for the session's name; which claim it is, is configuration.
    package let userName: String
    /// Which claim it is, is configuration.
    package let teams: [String]
    /// Every claim with a text value, by its name: the source of user tags.
    package let claims: [String: String]
    /// Every claim that is a list of texts, by its name.
    package let claimLists: [String: [String]]
    /// All other claims but those that are null, by their names. Conditions compare Booleans and numbers; the rest is there,
    /// and they can't judge it.
    package let otherClaims: [String: ClaimValue]
    /// Which of them give session tags.
    package let tagClaims: TagClaims

    /// An address that the identity provider says it has verified.
    package let email: String?
    /// A telephone number that is verified likewise; which claim it is, is configuration.
    package let phoneNumber: String?
    /// Whether the identity provider says that several factors were used (RFC 8176, `mfa`); `nil` if it doesn't say how.
    package let usedSeveralFactors: Bool?
    /// How the person signed in (RFC 8176, `amr`); empty if it isn't said.
    package let authenticationMethods: [String]
    /// How well, in the provider's own words (OpenID Connect Core, `acr`).
    package let authenticationClass: String?
    /// When the person was there themselves (OpenID Connect Core, `auth_time`).
    package let authenticatedAt: Date?
    /// Where the request came from that this sign-in was presented with; knows nothing if that isn't known.
    package let source: RequestSource

    package init(
        id: PrincipalID, userName: String, teams: [String], claims: [String: String],
        claimLists: [String: [String]] = [:], otherClaims: [String: ClaimValue] = [:], tagClaims: TagClaims = .original,
        email: String? = nil, phoneNumber: String? = nil, usedSeveralFactors: Bool? = nil,
        authenticationMethods: [String] = [], authenticationClass: String? = nil, authenticatedAt: Date? = nil,
        source: RequestSource = RequestSource()
    ) {
        self.id = id
        self.userName = userName
        self.teams = teams
        self.claims = claims
        self.claimLists = claimLists
        self.otherClaims = otherClaims
        self.tagClaims = tagClaims
        self.email = email
        self.phoneNumber = phoneNumber
        self.usedSeveralFactors = usedSeveralFactors
        self.authenticationMethods = authenticationMethods
        self.authenticationClass = authenticationClass
        self.authenticatedAt = authenticatedAt
        self.source = source
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
