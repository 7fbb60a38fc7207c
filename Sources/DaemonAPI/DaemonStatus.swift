/// The answer to `GET /v1/status` on the daemon's control socket, for the user who asks.
package struct DaemonStatus: Codable, Sendable, Equatable {
    package var version: String
    /// Base URL of the broker, for verbs that call it themselves.
    package var brokerURL: String
    package var provider: ProviderStatus
    package var signIn: SignInStatus
    package var listeners: [ListenerStatus]
    package var roles: [RoleStatus]
    /// RFC 3339; the daemon's clock, by which the other instants are to be read.
    package var now: String?
    /// Whether the daemon drops and refuses everything for this user.
    package var isLocked: Bool?

    package init(
        version: String, brokerURL: String, provider: ProviderStatus, signIn: SignInStatus,
        listeners: [ListenerStatus], roles: [RoleStatus]
    ) {
        self.version = version
        self.brokerURL = brokerURL
        self.provider = provider
        self.signIn = signIn
        self.listeners = listeners
        self.roles = roles
    }

    enum CodingKeys: String, CodingKey {
        case version, provider, listeners, roles, now
        case isLocked = "locked"
        case brokerURL = "broker_url"
        case signIn = "sign_in"
    }
}

/// The OpenID provider that people sign in to.
package struct ProviderStatus: Codable, Sendable, Equatable {
    package var issuer: String
    package var clientID: String
    package var scopes: [String]

    package init(issuer: String, clientID: String, scopes: [String]) {
        self.issuer = issuer
        self.clientID = clientID
        self.scopes = scopes
    }

    enum CodingKeys: String, CodingKey {
        case issuer, scopes
        case clientID = "client_id"
    }
}

/// Whether the daemon can act for this user.
package struct SignInStatus: Codable, Sendable, Equatable {
    package enum State: String, Codable, Sendable {
        case signedIn = "signed_in"
        /// Nobody signed in, or the sign-in ended: `stsbroker login`.
        case signInRequired = "sign_in_required"
    }

    package var state: State
    /// Who the identity provider says this is; for display only.
    package var subject: String?
    /// RFC 3339; when the ID token in hand ends. It is refreshed before.
    package var expiration: String?
    /// RFC 3339; when the whole sign-in ends, if that is known and less than an hour away.
    package var endsSoon: String?
    /// With which key the sign-in is kept on disk: `credential`, `keyring` or `file`; absent if it is in memory only.
    package var keySource: String?
    /// The file with the ID token of the workload that the daemon acts for; absent where people sign in.
    package var tokenFile: String?

    package init(state: State, subject: String? = nil, expiration: String? = nil) {
        self.state = state
        self.subject = subject
        self.expiration = expiration
    }

    enum CodingKeys: String, CodingKey {
        case state, subject, expiration
        case endsSoon = "ends_soon"
        case keySource = "key_source"
        case tokenFile = "token_file"
    }
}

/// One listener and where it really listens.
package struct ListenerStatus: Codable, Sendable, Equatable {
    package var name: String
    /// `imds` or `container`.
    package var face: String
    /// `127.0.0.1:49152`, `[::1]:49152` or the path of a Unix socket.
    package var address: String
    /// For containers: the file that holds this user's authorization token.
    package var tokenFile: String?

    package init(name: String, face: String, address: String, tokenFile: String? = nil) {
        self.name = name
        self.face = face
        self.address = address
        self.tokenFile = tokenFile
    }

    enum CodingKeys: String, CodingKey {
        case name, face, address
        case tokenFile = "token_file"
    }
}

/// One role as the asking user may have it.
package struct RoleStatus: Codable, Sendable, Equatable {
    package var name: String
    package var policy: String
    package var isDefault: Bool
    /// `idle`, `fetching`, `fresh`, `due`, `failing`, `expired`, `refused`, `approval_pending`, `sign_in_required` or `locked`.
    package var state: String
    /// RFC 3339.
    package var expiration: String?
    /// RFC 3339; the next planned call to the broker.
    package var nextRefresh: String?
    /// What the last attempt failed with, as one sentence.
    package var lastError: String?
    /// RFC 3339; when the broker was last asked.
    package var lastAttempt: String?
    /// Who asked the daemon for it, the latest first; three at most.
    package var lastCallers: [CallerStatus]?
    /// Present if it is there only because the broker lists its policy.
    package var isListed: Bool?

    package init(
        name: String, policy: String, isDefault: Bool, state: String, expiration: String? = nil,
        nextRefresh: String? = nil, lastError: String? = nil
    ) {
        self.name = name
        self.policy = policy
        self.isDefault = isDefault
        self.state = state
        self.expiration = expiration
        self.nextRefresh = nextRefresh
        self.lastError = lastError
    }

    enum CodingKeys: String, CodingKey {
        case name, policy, state, expiration
        case isDefault = "default"
        case nextRefresh = "next_refresh"
        case lastError = "last_error"
        case lastAttempt = "last_attempt"
        case lastCallers = "last_callers"
        case isListed = "listed"
    }
}

/// A program that asked for a role.
package struct CallerStatus: Codable, Sendable, Equatable {
    /// What it calls itself, such as `Boto3/1.40`; anybody could say that.
    package var program: String
    package var listener: String
    /// RFC 3339.
    package var at: String

    package init(program: String, listener: String, at: String) {
        self.program = program
        self.listener = listener
        self.at = at
    }
}
