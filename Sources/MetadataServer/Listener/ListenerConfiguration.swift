/// One address and how to serve it.
package struct ListenerConfiguration: Sendable, Equatable {
    package enum Address: Sendable, Equatable {
        /// An IP address as text, not a name. Port 0 takes a free one.
        case tcp(host: String, port: Int)
        /// The socket file's path and its permission bits, such as 0o600.
        case unix(path: String, mode: UInt32)
    }

    /// What rules and logs call it.
    package var name: String
    package var face: ListenerFace
    package var address: Address
    /// Whether IMDS answers requests without a session token.
    package var allowsIMDSv1 = false
    /// Whether the container endpoint wants an authorization token over TCP.
    package var requiresToken = true
    /// Names besides the own address that `Host` may carry.
    package var additionalHosts: [String] = []
    /// The group that a Unix socket is given to; the daemon's own if absent.
    package var socketGroup: UInt32?
    /// The IP time to live of answers: with 1 they do not leave this machine, nor a container's network.
    package var hopLimit = 1
    /// From a request's first byte to its last.
    package var requestTimeout = Duration.seconds(10)
    /// How long a connection may stay open unused. SDKs keep theirs, and some fail when they find it closed.
    package var idleTimeout = Duration.seconds(600)
    /// How long it may take, from accept(2) on, to find out what rules and records ask about a caller: milliseconds, unless the
    /// user database, a file system or the user's other connections delay it. Then the connection is closed unanswered. botocore
    /// waits as long for an answer (`ContainerMetadataFetcher.TIMEOUT_SECONDS`).
    package var lookUpTimeout = Duration.seconds(2)
    /// How long a request waits for credentials that are being fetched. SDKs allow IMDS one second and one attempt.
    package var patience = Duration.milliseconds(800)

    package init(name: String, face: ListenerFace, address: Address) {
        self.name = name
        self.face = face
        self.address = address
    }
}

/// The service that a listener plays.
package enum ListenerFace: String, Sendable, Equatable, CaseIterable {
    case instanceMetadata = "imds"
    case containerCredentials = "container"
}
