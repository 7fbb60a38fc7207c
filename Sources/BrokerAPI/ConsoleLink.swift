/// `POST /v1/console-links`: new credentials under one policy, as a link to the AWS console.
package struct ConsoleLinkCall: Codable, Sendable, Equatable {
    /// The policy's id.
    package var policy: String
    /// How long the console should stay signed in, in seconds; as long as the policy allows, or as is left of what was
    /// approved, when absent.
    package var durationSeconds: Int?
    /// Why, in the words of the person who asks.
    package var reason: String?
    /// What of the company's work it is for.
    package var ticket: String?
    /// The https address of a page of the console; its front page when absent.
    package var destination: String?

    package init(
        policy: String, durationSeconds: Int? = nil, reason: String? = nil, ticket: String? = nil,
        destination: String? = nil
    ) {
        self.ticket = ticket
        self.policy = policy
        self.durationSeconds = durationSeconds
        self.reason = reason
        self.destination = destination
    }

    /// The keys that the broker accepts; any other is an error.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case policy, reason, ticket, destination
        case durationSeconds = "duration_seconds"
    }
}

/// The answer to it. The link is a secret: whoever has it is signed in, if they are quick.
package struct ConsoleLink: Codable, Sendable, Equatable {
    /// The request's id, by which audit knows the credentials.
    package var requestID: String
    /// Good for 15 minutes.
    package var signInURL: String
    /// When the console signs out. RFC 3339.
    package var expiration: String

    package init(requestID: String, signInURL: String, expiration: String) {
        self.requestID = requestID
        self.signInURL = signInURL
        self.expiration = expiration
    }

    enum CodingKeys: String, CodingKey {
        case expiration
        case requestID = "request_id"
        case signInURL = "signin_url"
    }
}
