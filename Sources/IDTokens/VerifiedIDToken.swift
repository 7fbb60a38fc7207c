package import Credentials
package import FoundationEssentials

/// An ID token whose signature, issuer, audience and times have been checked.
package struct VerifiedIDToken: Sendable, Equatable {
    package let issuer: String
    package let subject: String
    package let audiences: [String]
    package let expiration: Date
    package let issuedAt: Date?
    /// All claims, those above included.
    package let claims: [String: ClaimValue]

    package init(
        issuer: String,
        subject: String,
        audiences: [String],
        expiration: Date,
        issuedAt: Date?,
        claims: [String: ClaimValue]
    ) {
        self.issuer = issuer
        self.subject = subject
        self.audiences = audiences
        self.expiration = expiration
        self.issuedAt = issuedAt
        self.claims = claims
    }
}
