package import BrokerAPI
package import CredentialCache
package import FoundationEssentials
import HTTPExchange
package import MetadataServer
package import StrictYAML

/// What a `stsbrokerd.yaml` means, with every reference resolved and every rule checked.
package struct DaemonSettings: Sendable {
    package var brokerURL: String
    package var brokerTLS: BrokerTLSFiles
    package var identity: DaemonIdentity
    /// What people who sign in are asked for.
    package var scopes: [String]
    package var facts: InstanceFacts
    package var roles: [OfferedRole]
    package var defaultRole: String?
    /// The ids of the policies that the broker lists for those whose rules offer all of them: what it said last, and nothing of the file.
    package var listedPolicies: [Principal: [String]] = [:]
    package var listeners: [DaemonConfiguration.Listener]
    package var callerRules: [CallerRule]
    package var controlSocket: String
    package var tokenDirectory: String
    /// Where sign-ins outlive the daemon; `nil` keeps them in memory.
    package var stateDirectory: String?
    /// How long credentials are good that are kept there; `nil` keeps none.
    package var credentialBinding: CredentialBinding?
    /// How often users get a new authorization token.
    package var tokenRotation: Duration
    package var idleAfter: TimeInterval
    /// How long all is served as before after the first SIGTERM or SIGINT.
    package var shutdownDelay: Duration
    /// Over all listeners; `nil` for ``defaultConnectionsPerUser(descriptors:)``.
    package var connectionsPerUser: Int?
    /// Of one user, over all listeners.
    package var requestsPerSecond: Int
    /// Where metrics and health are, besides the control socket; `nil` for nowhere.
    package var metricsAddress: String?
    package var audit: AuditSettings

    /// What the names of variables that override the file begin with, before an underscore.
    static let environmentPrefix = "STSBROKERD"

    /// Reads, decodes and checks the file at `path`, or what the environment alone says. Errors name file, line and key, or
    /// the variable, where they can.
    package static func load(
        path: String?, environment: [String: String], users: some UserDirectory
    ) throws(InvalidYAML) -> DaemonSettings {
        let document: DecodedYAML<DaemonConfiguration>
        if let path {
            document = try StrictYAML.readDocument(
                DaemonConfiguration.self, path: path, environment: environment, environmentPrefix: environmentPrefix)
        } else {
            document = try StrictYAML.environmentDocument(
                DaemonConfiguration.self, environment: environment, environmentPrefix: environmentPrefix)
        }
        do throws(SettingsFault) {
            return try DaemonSettings(document.value, users: users)
        } catch {
            throw document.invalid(at: error.path, error.what)
        }
    }

    /// Where nothing is configured: 2048, or less so that no user can take more than half of the daemon's file descriptors, as
    /// twice the limit are held before connections are dropped unheard.
    package static func defaultConnectionsPerUser(descriptors: UInt64) -> Int {
        Int(max(1, min(2048, descriptors / 4)))
    }

    package init(_ configuration: DaemonConfiguration, users: some UserDirectory) throws(SettingsFault) {
        try Self.requireURL(configuration.broker.url, at: "broker.url")
        brokerTLS = try Self.tlsFiles(of: configuration.broker)
        identity = try DaemonIdentity(configuration)
        if let instance = configuration.instance { try Self.check(instance) }
        let offersPolicies = configuration.callers.contains { $0.roles.contains(Self.everything) }
        try Self.requireUnique(configuration.roles.map(\.name), at: "roles", mayBeEmpty: offersPolicies)
        try Self.requireUnique(configuration.listeners.map(\.name), at: "listeners")
        for (index, role) in configuration.roles.enumerated() { try Self.check(role, at: "roles[\(index)]") }
        controlSocket = configuration.controlSocket ?? "/run/stsbrokerd/control.sock"
        tokenDirectory = configuration.tokenDirectory ?? "/run/stsbrokerd/tokens"
        try Self.requireSocketPath(controlSocket, at: "control_socket")
        try Self.check(configuration.listeners, controlSocket: controlSocket)
        for (index, listener) in configuration.listeners.enumerated() {
            try Self.checkGroup(of: listener, at: "listeners[\(index)].group", in: users)
        }
        try Self.requirePath(tokenDirectory, at: "token_directory")
        if let directory = configuration.stateDirectory { try Self.requirePath(directory, at: "state_directory") }
        let roleNames = configuration.roles.map(\.name)
        if let name = configuration.defaultRole, !roleNames.contains(name), !offersPolicies || !Self.isRoleName(name) {
            throw SettingsFault("default_role", "names no role: \(Excerpt.quoted(name))")
        }
        brokerURL = configuration.broker.url
        scopes = configuration.identityProvider?.scopes ?? ["openid", "email", "profile", "offline_access"]
        facts = InstanceFacts(configuration.instance)
        facts.staticMetadata = configuration.metadata ?? [:]
        if let (path, what) = StaticMetadata.problem(in: facts.staticMetadata) {
            throw SettingsFault("metadata", path.isEmpty ? what : "has the path \(Excerpt.quoted(path)), which \(what)")
        }
        roles = configuration.roles.map {
            OfferedRole(name: $0.name, policy: $0.policy, durationSeconds: ($0.duration?.seconds).map { Int($0) })
        }
        defaultRole = configuration.defaultRole
        listeners = configuration.listeners
        callerRules = []
        for (index, entry) in configuration.callers.enumerated() {
            callerRules.append(
                try CallerRule(entry, at: "callers[\(index)]", in: configuration, users: users))
        }
        stateDirectory = configuration.stateDirectory
        credentialBinding = try Self.binding(of: configuration)
        let rotation = configuration.tokenRotation?.seconds ?? 12 * 3600
        guard (60...30 * 86_400).contains(rotation) else { throw SettingsFault("token_rotation", "must be 1m to 30d") }
        tokenRotation = .seconds(rotation)
        idleAfter = Double(configuration.idleAfter?.seconds ?? 12 * 3600)
        let delay = configuration.shutdownDelay?.seconds ?? 0
        guard delay <= 3600 else { throw SettingsFault("shutdown_delay", "must be 0s to 1h") }
        shutdownDelay = .seconds(delay)
        connectionsPerUser = configuration.limits?.connectionsPerUser
        guard connectionsPerUser.map((1...100_000).contains) ?? true else {
            throw SettingsFault("limits.connections_per_user", "must be 1 to 100000")
        }
        requestsPerSecond = configuration.limits?.requestsPerSecond ?? 1000
        guard (1...1_000_000).contains(requestsPerSecond) else {
            throw SettingsFault("limits.requests_per_second", "must be 1 to 1000000")
        }
        metricsAddress = configuration.metrics?.address
        if let address = metricsAddress { try Self.requireLoopback(address, at: "metrics.address") }
        audit = try AuditSettings(configuration.audit)
    }
}

/// A setting that is well-formed but can't be meant.
package struct SettingsFault: Error, Equatable, CustomStringConvertible {
    /// Where: `listeners[0].address`.
    package let path: String
    /// Completes the sentence that ``path`` begins.
    package let what: String

    init(_ path: String, _ what: String) {
        self.path = path
        self.what = what
    }

    package var description: String { "\(path) \(what)" }
}

extension InstanceFacts {
    fileprivate init(_ instance: DaemonConfiguration.Instance?) {
        let defaults = InstanceFacts()
        self.init(
            region: instance?.region ?? defaults.region,
            availabilityZone: instance?.availabilityZone,
            instanceID: instance?.instanceID ?? defaults.instanceID,
            accountID: instance?.accountID ?? defaults.accountID)
    }
}
