/// Whose verified identity the daemon uses.
package enum Principal: Sendable, Hashable {
    /// The person who signed in as this local user (uid).
    case localUser(UInt32)

    /// The local user whose sign-in it is.
    package var userID: UInt32 {
        switch self {
        case .localUser(let userID): userID
        }
    }
}

/// What the cache holds one set of credentials for. Two users of one address have different keys.
package struct CredentialKey: Sendable, Hashable {
    package let principal: Principal
    /// The role's name on this machine.
    package let role: String

    package init(principal: Principal, role: String) {
        self.principal = principal
        self.role = role
    }
}
