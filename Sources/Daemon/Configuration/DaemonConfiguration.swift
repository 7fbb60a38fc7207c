package import StrictYAML

/// `stsbrokerd.yaml` as written. ``DaemonSettings`` is what it means.
package struct DaemonConfiguration: Decodable, Sendable {
    package var broker: Broker
    /// Where people sign in.
    package var identityProvider: IdentityProvider?
    /// Instead of it, where the daemon acts for one program, or a few that belong together.
    package var workloadIdentity: WorkloadIdentity?
    package var instance: Instance?
    package var metadata: [String: String]?
    package var roles: [Role]
    package var defaultRole: String?
    package var listeners: [Listener]
    package var callers: [CallerEntry]
    package var controlSocket: String?
    package var tokenDirectory: String?
    package var stateDirectory: String?
    package var credentialCache: String?
    package var tokenRotation: ConfiguredDuration?
    package var idleAfter: ConfiguredDuration?
    /// How long all is served as before after the first SIGTERM.
    package var shutdownDelay: ConfiguredDuration?
    package var limits: Limits?
    package var metrics: Metrics?
    package var audit: Audit?

    enum CodingKeys: String, CodingKey {
        case broker, instance, metadata, roles, listeners, callers, limits, metrics, audit
        case identityProvider = "identity_provider"
        case workloadIdentity = "workload_identity"
        case defaultRole = "default_role"
        case controlSocket = "control_socket"
        case tokenDirectory = "token_directory"
        case stateDirectory = "state_directory"
        case credentialCache = "credential_cache"
        case tokenRotation = "token_rotation"
        case idleAfter = "idle_after"
        case shutdownDelay = "shutdown_delay"
    }

    package struct Broker: Decodable, Sendable {
        package var url: String
        /// The authorities that may have signed its certificate, in PEM; the system's without.
        package var caFile: String?
        /// What the daemon presents where the broker asks for a certificate, and its key, in PEM.
        package var clientCertificate: String?
        package var clientKey: String?

        enum CodingKeys: String, CodingKey {
            case url
            case caFile = "ca_file"
            case clientCertificate = "client_certificate"
            case clientKey = "client_key"
        }
    }

    package struct IdentityProvider: Decodable, Sendable {
        package var issuer: String
        package var clientID: String
        package var scopes: [String]?

        enum CodingKeys: String, CodingKey {
            case issuer, scopes
            case clientID = "client_id"
        }
    }

    package struct WorkloadIdentity: Decodable, Sendable {
        /// The absolute path of a file with an ID token.
        package var tokenFile: String

        enum CodingKeys: String, CodingKey {
            case tokenFile = "token_file"
        }
    }

    package struct Instance: Decodable, Sendable {
        package var region: String?
        package var availabilityZone: String?
        package var instanceID: String?
        package var accountID: String?

        enum CodingKeys: String, CodingKey {
            case region
            case availabilityZone = "availability_zone"
            case instanceID = "instance_id"
            case accountID = "account_id"
        }
    }

    package struct Role: Decodable, Sendable {
        package var name: String
        package var policy: String
        package var duration: ConfiguredDuration?
    }

    package struct Listener: Decodable, Sendable, Equatable {
        package enum Face: String, Decodable, Sendable {
            case imds, container

            package init(from decoder: any Decoder) throws {
                let text = try decoder.singleValueContainer().decode(String.self)
                guard let face = Face(rawValue: text) else {
                    throw DecodingError.dataCorrupted(
                        DecodingError.Context(
                            codingPath: decoder.codingPath,
                            debugDescription: "must be imds or container, but is \"\(text)\""))
                }
                self = face
            }
        }

        package var name: String
        package var face: Face
        package var address: String?
        package var unix: String?
        package var mode: String?
        /// The group that may use a Unix socket whose mode lets groups.
        package var group: String?
        /// Whether IMDS answers requests without a session token.
        package var imdsv1: Bool?
        /// Whether the container endpoint wants an authorization token.
        package var requireToken: Bool?
        /// The IP time to live of answers.
        package var hopLimit: Int?
        /// Names besides the own address that `Host` may carry.
        package var hosts: [String]?
        /// Whether the daemon does without it where its address can't be had.
        package var optional: Bool?

        /// Unless it is said: an IPv6 address is, as many machines have none.
        package var isOptional: Bool { optional ?? (address?.hasPrefix("[") ?? false) }

        enum CodingKeys: String, CodingKey {
            case name, face, address, unix, mode, group, imdsv1, hosts, optional
            case hopLimit = "hop_limit"
            case requireToken = "require_token"
        }
    }

    package struct Limits: Decodable, Sendable {
        package var connectionsPerUser: Int?
        package var requestsPerSecond: Int?

        enum CodingKeys: String, CodingKey {
            case connectionsPerUser = "connections_per_user"
            case requestsPerSecond = "requests_per_second"
        }
    }

    package struct Metrics: Decodable, Sendable {
        /// `ADDRESS:PORT` on loopback.
        package var address: String
    }

    package struct Audit: Decodable, Sendable {
        /// `log`, `file` or `none`.
        package var to: String?
        package var file: String?
        package var mode: String?
        /// Whether the processes at the other end of TCP connections are looked up, too.
        package var processes: Bool?
        /// Within which repeats become one line.
        package var window: ConfiguredDuration?
    }

    package struct CallerEntry: Decodable, Sendable {
        /// A login name or a uid.
        package var user: String?
        /// A group's name or gid.
        package var group: String?
        /// The absolute path of the program.
        package var executable: String?
        /// The name of a system unit.
        package var unit: String?
        /// The path of a control group.
        package var cgroup: String?
        /// Addresses elsewhere: one, or a network such as `172.17.0.0/16`.
        package var network: String?
        /// The user whose sign-in is used.
        package var principal: String?
        package var roles: [String]
        package var defaultRole: String?
        package var listeners: [String]?

        enum CodingKeys: String, CodingKey {
            case user, group, executable, unit, cgroup, network, principal, roles, listeners
            case defaultRole = "default_role"
        }
    }
}
