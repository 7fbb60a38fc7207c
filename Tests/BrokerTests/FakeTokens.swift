import Broker
import Credentials
import Foundation
import IDTokens
import OIDC

/// Knows a few tokens by heart.
final class FakeTokens: TokenVerifying {
    static let issuer = "https://idp.example"
    static let developer = "eyJhbGciOiJSUzI1NiJ9.eyJkZXZlbG9wZXIiOjF9.c2lnbmF0dXJl"
    static let stranger = "eyJhbGciOiJSUzI1NiJ9.eyJzdHJhbmdlciI6MX0.c2lnbmF0dXJl"
    static let tagless = "eyJhbGciOiJSUzI1NiJ9.eyJ0YWdsZXNzIjoxfQ.c2lnbmF0dXJl"
    static let expired = "eyJhbGciOiJSUzI1NiJ9.eyJleHBpcmVkIjoxfQ.c2lnbmF0dXJl"
    static let unverifiable = "eyJhbGciOiJSUzI1NiJ9.eyJrZXlzIjoxfQ.c2lnbmF0dXJl"
    static let otherIssuer = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOjF9.c2lnbmF0dXJl"
    static let oddTeams = "eyJhbGciOiJSUzI1NiJ9.eyJvZGQiOjF9.c2lnbmF0dXJl"
    static let longTag = "eyJhbGciOiJSUzI1NiJ9.eyJsb25nIjoxfQ.c2lnbmF0dXJl"
    /// The developer, in another department.
    static let moved = "eyJhbGciOiJSUzI1NiJ9.eyJtb3ZlZCI6MX0.c2lnbmF0dXJl"
    /// The developer, who has signed in with several factors when the tests begin.
    static let mfa = "eyJhbGciOiJSUzI1NiJ9.eyJtZmEiOjF9.c2lnbmF0dXJl"
    /// The same, half an hour later.
    static let mfaAgain = "eyJhbGciOiJSUzI1NiJ9.eyJtZmEiOjJ9.c2lnbmF0dXJl"
    static let oddName = "eyJhbGciOiJSUzI1NiJ9.eyJuYW1lIjoxfQ.c2lnbmF0dXJl"

    /// A developer whose telephone number is verified, one whose number isn't, and one whose number is none.
    static let caller = "eyJhbGciOiJSUzI1NiJ9.eyJwaG9uZSI6MX0.c2lnbmF0dXJl"
    static let unverifiedCaller = "eyJhbGciOiJSUzI1NiJ9.eyJwaG9uZSI6Mn0.c2lnbmF0dXJl"
    static let oddCaller = "eyJhbGciOiJSUzI1NiJ9.eyJwaG9uZSI6M30.c2lnbmF0dXJl"

    static let guardian = "eyJhbGciOiJSUzI1NiJ9.eyJndWFyZGlhbiI6MX0.c2lnbmF0dXJl"
    static let warden = "eyJhbGciOiJSUzI1NiJ9.eyJ3YXJkZW4iOjF9.c2lnbmF0dXJl"

    /// The developer's other account, whose address is the same in other letters; its teams may approve.
    static let alias = "eyJhbGciOiJSUzI1NiJ9.eyJhbGlhcyI6MX0.c2lnbmF0dXJl"

    func verify(_ token: String) async throws(IDTokenError) -> VerifiedIDToken {
        switch token {
        case Self.developer: Self.token(subject: "1", name: "developer", teams: "[developers, unknown]")
        case Self.stranger: Self.token(subject: "2", name: "stranger", teams: nil)
        case Self.tagless: Self.token(subject: "3", name: "tagless", teams: "developers", department: nil)
        case Self.oddTeams: Self.token(subject: "4", name: "odd", teams: "[developers")
        case Self.longTag:
            Self.token(subject: "5", name: "long", teams: "developers", department: String(repeating: "x", count: 257))
        case Self.moved: Self.token(subject: "1", name: "developer", teams: "developers", department: "sales")
        case Self.mfa: Self.token(subject: "1", name: "developer", teams: "developers", mfaAt: 1_800_000_000)
        case Self.mfaAgain: Self.token(subject: "1", name: "developer", teams: "developers", mfaAt: 1_800_001_800)
        case Self.oddName: Self.token(subject: "6", name: "Zoë Müller", teams: "developers")
        case Self.guardian: Self.token(subject: "7", name: "guardian", teams: "security")
        case Self.warden: Self.token(subject: "8", name: "warden", teams: "security")
        case Self.alias:
            Self.token(
                subject: "10", name: "alias", teams: "[security, developers]",
                more: ["email": .string("Developer@Example.com")])
        case Self.caller: Self.calling("+14155550100", isVerified: true)
        case Self.unverifiedCaller: Self.calling("+14155550100", isVerified: false)
        case Self.oddCaller: Self.calling("+1 (415) 555-0100", isVerified: true)
        case Self.otherIssuer: Self.token(issuer: "https://other.example", subject: "1", name: "developer", teams: nil)
        case Self.expired: throw .expired
        case Self.unverifiable: throw .keysUnavailable("connection refused")
        default: throw .badSignature
        }
    }

    private static func calling(_ number: String, isVerified: Bool) -> VerifiedIDToken {
        token(
            subject: "9", name: "caller", teams: "developers",
            more: ["phone_number": .string(number), "phone_number_verified": .bool(isVerified)])
    }

    private static func token(
        issuer: String = issuer, subject: String, name: String, teams: String?, department: String? = "research",
        mfaAt instant: Double? = nil, more: [String: ClaimValue] = [:]
    ) -> VerifiedIDToken {
        var claims: [String: ClaimValue] = ["sub": .string(subject), "cognito:username": .string(name)]
        // Who has no team has no verified address either.
        claims["email"] = .string("\(name)@example.com")
        claims["email_verified"] = .bool(teams != nil)
        if let teams { claims["custom:teams"] = .string(teams) }
        if let instant { (claims["amr"], claims["auth_time"]) = (.array([.string("mfa")]), .number(instant)) }
        if let department { claims["custom:department"] = .string(department) }
        return VerifiedIDToken(
            issuer: issuer, subject: subject, audiences: ["stsbroker"],
            expiration: Date(timeIntervalSince1970: 1_900_000_000), issuedAt: nil,
            claims: claims.merging(more) { _, new in new })
    }
}
