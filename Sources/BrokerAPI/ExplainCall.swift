package import Credentials

/// `POST /v1/explain`: what the rules would say to a request, which is not made. Without ``user`` it is the caller's own; with it
/// somebody's whose facts follow, for auditors.
package struct ExplainCall: Codable, Sendable, Equatable {
    /// The policy's id.
    package var policy: String
    package var durationSeconds: Int?
    package var shorten: Bool?
    package var reason: String?
    package var ticket: String?
    /// RFC 3339; at once when absent.
    package var startsAt: String?
    package var user: String?
    /// One that the broker trusts; the caller's own when absent.
    package var issuer: String?
    /// As policies name them.
    package var teams: [String]?
    /// As an ID token would have them; none is null.
    package var claims: [String: ClaimValue]?
    /// Verified.
    package var email: String?
    package var amr: [String]?
    package var acr: String?
    /// RFC 3339.
    package var signedInAt: String?
    /// The address that they connect from.
    package var source: String?

    package init(
        policy: String, durationSeconds: Int? = nil, shorten: Bool? = nil, reason: String? = nil, ticket: String? = nil,
        startsAt: String? = nil, user: String? = nil, issuer: String? = nil, teams: [String]? = nil,
        claims: [String: ClaimValue]? = nil, email: String? = nil, amr: [String]? = nil, acr: String? = nil,
        signedInAt: String? = nil, source: String? = nil
    ) {
        self.policy = policy
        self.durationSeconds = durationSeconds
        self.shorten = shorten
        self.reason = reason
        self.ticket = ticket
        self.startsAt = startsAt
        self.user = user
        self.issuer = issuer
        self.teams = teams
        self.claims = claims
        self.email = email
        self.amr = amr
        self.acr = acr
        self.signedInAt = signedInAt
        self.source = source
    }

    /// Whether any fact of somebody is given.
    package var hasFacts: Bool {
        issuer != nil || teams != nil || claims != nil || email != nil || amr != nil || acr != nil || signedInAt != nil
            || source != nil
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case policy, shorten, reason, ticket, user, issuer, teams, claims, email, amr, acr, source
        case durationSeconds = "duration_seconds"
        case startsAt = "starts_at"
        case signedInAt = "signed_in_at"
    }
}
