import Credentials
import FoundationEssentials
import OIDC

/// Judges the claims of a token whose signature is right.
struct ClaimsCheck {
    let terms: TrustedIssuer
    let now: Date

    func verified(_ claims: [String: ClaimValue]) throws(IDTokenError) -> VerifiedIDToken {
        if let use = terms.tokenUse {
            guard claims["token_use"]?.stringValue == use else { throw .wrongTokenUse }
        }
        let audiences = try checkAudience(claims)
        let expiration = try checkTimes(claims)
        guard let subject = claims["sub"]?.stringValue, isSubject(subject) else { throw .missingClaim("sub") }
        return VerifiedIDToken(
            issuer: terms.issuer,
            subject: subject,
            audiences: audiences,
            expiration: expiration,
            issuedAt: claims["iat"].flatMap(NumericDate.date),
            claims: claims)
    }

    /// At most 255 ASCII characters (OpenID Connect Core section 2), none of them invisible: two people must not look alike
    /// to a database or in a log.
    private func isSubject(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// A token must have been issued to one of ours, if it says to whom (`azp`), and one for several audiences must say so
    /// (OpenID Connect Core section 3.1.3.7, items 3 to 5).
    private func checkAudience(_ claims: [String: ClaimValue]) throws(IDTokenError) -> [String] {
        guard let audiences = claims["aud"]?.stringValues, !audiences.isEmpty else { throw .missingClaim("aud") }
        guard audiences.contains(where: terms.audiences.contains) else { throw .wrongAudience }
        guard let party = claims["azp"] else {
            guard audiences.count == 1 else { throw .missingClaim("azp") }
            return audiences
        }
        guard let name = party.stringValue, terms.audiences.contains(name) else { throw .wrongAudience }
        return audiences
    }

    private func checkTimes(_ claims: [String: ClaimValue]) throws(IDTokenError) -> Date {
        let skew = TimeInterval(terms.clockSkew.components.seconds)
        guard let expiration = claims["exp"].flatMap(NumericDate.date) else { throw .missingClaim("exp") }
        guard now.timeIntervalSince(expiration) < skew else { throw .expired }
        for name in ["nbf", "iat"] {
            guard let claim = claims[name] else { continue }
            guard let start = NumericDate.date(claim) else { throw .missingClaim(name) }
            guard start.timeIntervalSince(now) <= skew else { throw .notYetValid }
        }
        return expiration
    }
}
