import AWSAPI
import Credentials
import FoundationEssentials

/// The broker as an OpenID provider: issues the tokens by which it assumes roles without a key of AWS.
struct WebIdentityIssuer: Sendable {
    /// AWS looks at a token once, at once; what is left is for clocks that differ.
    static let tokenLifetime: TimeInterval = 300

    let issuer: String
    let audience: String
    let keys: SigningKeys
    let now: @Sendable () -> Date

    /// A token for one call.
    /// - Parameter subject: what trust policies can ask for as `ISSUER:sub`.
    func token(for input: AssumeRoleInput, subject: String) throws(AWSError) -> Secret {
        let issuedAt = now().timeIntervalSince1970.rounded(.down)
        let claims = WebIdentityClaims(
            iss: issuer, sub: subject, aud: audience, iat: Int64(exactly: issuedAt) ?? 0,
            exp: Int64(exactly: issuedAt + Self.tokenLifetime) ?? 0, jti: UUID().uuidString.lowercased(),
            tags: input.tags.isEmpty ? nil : WebIdentityClaims.Tags(input), sourceIdentity: input.sourceIdentity)
        do {
            return try keys.token(claims)
        } catch {
            throw .keysUnavailable("no token can be signed: \(error)")
        }
    }
}

/// What a token says (IAM User Guide, "Passing session tags using AssumeRoleWithWebIdentity" and "Monitor and control actions
/// taken with assumed roles").
struct WebIdentityClaims: Encodable {
    let iss: String
    let sub: String
    let aud: String
    /// Seconds since 1970, as is the next.
    let iat: Int64
    let exp: Int64
    /// Unique.
    let jti: String
    let tags: Tags?
    let sourceIdentity: String?

    enum CodingKeys: String, CodingKey {
        case iss, sub, aud, iat, exp, jti
        case tags = "https://aws.amazon.com/tags"
        case sourceIdentity = "https://aws.amazon.com/source_identity"
    }

    struct Tags: Encodable {
        /// Each key has a list of one value.
        let principalTags: [String: [String]]
        let transitiveTagKeys: [String]

        enum CodingKeys: String, CodingKey {
            case principalTags = "principal_tags"
            case transitiveTagKeys = "transitive_tag_keys"
        }

        init(_ input: AssumeRoleInput) {
            principalTags = Dictionary(input.tags.map { ($0.key, [$0.value]) }) { first, _ in first }
            transitiveTagKeys = input.transitiveTagKeys
        }
    }
}
