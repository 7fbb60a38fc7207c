/// The body of `POST /v1/tokens`: asks for an authorization token of the container endpoint that is good for one role only.
package struct ScopedTokenCall: Codable, Sendable, Equatable {
    package var role: String
    /// 1 to 43200.
    package var lifetimeSeconds: Int

    package init(role: String, lifetimeSeconds: Int) {
        self.role = role
        self.lifetimeSeconds = lifetimeSeconds
    }

    enum CodingKeys: String, CodingKey {
        case role
        case lifetimeSeconds = "lifetime_seconds"
    }
}

/// The answer to it. `token` is a secret; `DELETE /v1/tokens/{id}` ends it before its time.
package struct ScopedToken: Codable, Sendable, Equatable {
    package var id: String
    package var token: String
    package var role: String
    /// RFC 3339.
    package var expiration: String

    package init(id: String, token: String, role: String, expiration: String) {
        self.id = id
        self.token = token
        self.role = role
        self.expiration = expiration
    }
}

/// The body of `PUT /v1/default-role`.
package struct RoleChoice: Codable, Sendable, Equatable {
    package var role: String

    package init(role: String) {
        self.role = role
    }
}
