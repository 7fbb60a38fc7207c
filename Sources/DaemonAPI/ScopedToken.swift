/// The body of `POST /v1/tokens`: asks for an authorization token of the container endpoint that is good for one role only.
package struct ScopedTokenCall: Codable, Sendable, Equatable {
    package var role: String
    /// 1 to 43200, or to ``longestForProcess``.
    package var lifetimeSeconds: Int
    /// Whether it ends with the process that asks, too, and is given as a file.
    package var endsWithProcess: Bool?

    /// 30 days, for a token that ends with a process.
    package static let longestForProcess = 30 * 86_400

    package init(role: String, lifetimeSeconds: Int, endsWithProcess: Bool? = nil) {
        self.role = role
        self.lifetimeSeconds = lifetimeSeconds
        self.endsWithProcess = endsWithProcess
    }

    enum CodingKeys: String, CodingKey {
        case role
        case lifetimeSeconds = "lifetime_seconds"
        case endsWithProcess = "ends_with_process"
    }
}

/// The answer to it. `token` is a secret; `DELETE /v1/tokens/{id}` ends it before its time.
package struct ScopedToken: Codable, Sendable, Equatable {
    package var id: String
    package var token: String
    package var role: String
    /// RFC 3339.
    package var expiration: String
    /// For a token that ends with a process: a file with the token, for its user only, which goes when the token ends.
    package var tokenFile: String?

    package init(id: String, token: String, role: String, expiration: String, tokenFile: String? = nil) {
        self.id = id
        self.token = token
        self.role = role
        self.expiration = expiration
        self.tokenFile = tokenFile
    }

    enum CodingKeys: String, CodingKey {
        case id, token, role, expiration
        case tokenFile = "token_file"
    }
}

/// The body of `PUT /v1/default-role`.
package struct RoleChoice: Codable, Sendable, Equatable {
    package var role: String

    package init(role: String) {
        self.role = role
    }
}
