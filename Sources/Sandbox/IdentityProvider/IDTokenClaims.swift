package import JWTKit

/// The claims of the sandbox's tokens, in the shape of Amazon Cognito's. Times are seconds since 1970.
package struct IDTokenClaims: JWTPayload, Equatable {
    package var iss: String
    package var sub: String
    package var aud: String?
    package var exp: Int64
    package var nbf: Int64?
    package var iat: Int64
    package var authTime: Int64
    package var tokenUse: String
    package var nonce: String?
    package var amr: [String]?
    package var email: String?
    package var emailVerified: Bool?
    package var username: String?
    package var teams: String?
    package var costCenter: String?
    package var clientID: String?
    package var scope: String?
    package var jti: String
    package var awsTags: WebIdentityTags?
    package var awsSourceIdentity: String?

    enum CodingKeys: String, CodingKey {
        case iss, sub, aud, exp, nbf, iat, nonce, amr, email, scope, jti
        case authTime = "auth_time"
        case tokenUse = "token_use"
        case emailVerified = "email_verified"
        case username = "cognito:username"
        case teams = "custom:teams"
        case costCenter = "custom:costcenter"
        case clientID = "client_id"
        case awsTags = "https://aws.amazon.com/tags"
        case awsSourceIdentity = "https://aws.amazon.com/source_identity"
    }

    /// The signature alone is JWTKit's affair here; whoever reads the claims judges times and audience.
    package func verify(using algorithm: some JWTAlgorithm) async throws {}
}

/// The claim by which a web identity brings session tags to AssumeRoleWithWebIdentity (IAM user guide, "Passing session
/// tags in AWS STS"): each key has a list with exactly one value.
package struct WebIdentityTags: Codable, Sendable, Equatable {
    package var principalTags: [String: [String]]
    package var transitiveTagKeys: [String]?

    package init(principalTags: [String: [String]], transitiveTagKeys: [String]? = nil) {
        self.principalTags = principalTags
        self.transitiveTagKeys = transitiveTagKeys
    }

    enum CodingKeys: String, CodingKey {
        case principalTags = "principal_tags"
        case transitiveTagKeys = "transitive_tag_keys"
    }
}
