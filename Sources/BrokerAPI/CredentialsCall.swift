package import Credentials
import FoundationEssentials

/// `POST /v1/credentials`: ask for credentials under one policy.
package struct CredentialsCall: Codable, Sendable, Equatable {
    /// The policy's id.
    package var policy: String
    /// Longest wanted lifetime in seconds, 900 at least; when absent, the policy's own longest, or what is left of what was approved.
    package var durationSeconds: Int?
    /// Why, in the words of the person who asks.
    package var reason: String?
    /// What of the company's work they are for.
    package var ticket: String?
    /// Whether less than ``durationSeconds`` will do.
    package var shorten: Bool?

    package init(
        policy: String, durationSeconds: Int? = nil, reason: String? = nil, ticket: String? = nil,
        shorten: Bool? = nil
    ) {
        self.ticket = ticket
        self.shorten = shorten
        self.policy = policy
        self.durationSeconds = durationSeconds
        self.reason = reason
    }

    /// The keys that the broker accepts; any other is an error.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case policy
        case durationSeconds = "duration_seconds"
        case reason, ticket, shorten
    }
}

/// The answer 200 to `POST /v1/credentials`. Encoded by hand because a ``Secret`` doesn't encode itself.
package struct IssuedCredentials: Sendable, Equatable {
    /// The request's id, by which audit knows this issuance.
    package let requestID: String
    package let credentials: SessionCredentials
    /// What was cut of what the call asked for, or of what was approved.
    package let shortened: ShortenedDuration?

    package init(requestID: String, credentials: SessionCredentials, shortened: ShortenedDuration? = nil) {
        self.shortened = shortened
        self.requestID = requestID
        self.credentials = credentials
    }

    enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case accessKeyID = "access_key_id"
        case secretAccessKey = "secret_access_key"
        case sessionToken = "session_token"
        case expiration
        case issuedAt = "issued_at"
        case roleARN = "role_arn"
        case accountID = "account_id"
        case shortened
    }
}

extension IssuedCredentials: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(requestID, forKey: .requestID)
        try fields.encode(credentials.accessKeyID, forKey: .accessKeyID)
        try fields.encode(credentials.secretAccessKey.revealed(), forKey: .secretAccessKey)
        try fields.encode(credentials.sessionToken.revealed(), forKey: .sessionToken)
        try fields.encode(AWSTimestamp.text(credentials.expiration), forKey: .expiration)
        try fields.encode(AWSTimestamp.text(credentials.issuedAt), forKey: .issuedAt)
        try fields.encode(credentials.roleARN.description, forKey: .roleARN)
        try fields.encode(credentials.accountID, forKey: .accountID)
        try fields.encodeIfPresent(shortened, forKey: .shortened)
    }
}

extension IssuedCredentials: Decodable {
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        requestID = try fields.decode(String.self, forKey: .requestID)
        shortened = try fields.decodeIfPresent(ShortenedDuration.self, forKey: .shortened)
        credentials = SessionCredentials(
            accessKeyID: try fields.decode(String.self, forKey: .accessKeyID),
            secretAccessKey: try fields.decode(Secret.self, forKey: .secretAccessKey),
            sessionToken: try fields.decode(Secret.self, forKey: .sessionToken),
            expiration: try fields.decodeTimestamp(forKey: .expiration),
            issuedAt: try fields.decodeTimestamp(forKey: .issuedAt),
            roleARN: try fields.decodeRoleARN(forKey: .roleARN))
    }
}

/// The answer 202 to `POST /v1/credentials`: the request is recorded and waits for an approver.
package struct ApprovalNeeded: Codable, Sendable, Equatable {
    package let requestID: String
    /// Always `needs_approval`.
    package let status: String
    /// One sentence for the person who asked.
    package let message: String

    package init(requestID: String, message: String) {
        self.requestID = requestID
        self.status = "needs_approval"
        self.message = message
    }

    enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case status
        case message
    }
}

extension KeyedDecodingContainer {
    func decodeTimestamp(forKey key: Key) throws -> Date {
        guard let date = AWSTimestamp.date(try decode(String.self, forKey: key)) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "not an RFC 3339 instant")
        }
        return date
    }

    func decodeRoleARN(forKey key: Key) throws -> RoleARN {
        let text = try decode(String.self, forKey: key)
        do throws(InvalidRoleARN) {
            return try RoleARN(text)
        } catch {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: error.description)
        }
    }
}
