import CredentialCache
import Glibc
import MetadataServer
package import StrictYAML
import Synchronization

/// The settings in force; a reload replaces them as a whole, but for what the broker lists.
final class CurrentSettings: Sendable {
    private struct State {
        var settings: DaemonSettings
        var followers: [@Sendable (DaemonSettings) -> Void] = []
    }

    private let state: Mutex<State>

    init(_ settings: DaemonSettings) {
        state = Mutex(State(settings: settings))
    }

    var value: DaemonSettings { state.withLock { $0.settings } }

    /// Calls `follower` at each change, one change after the other. It must not ask for the settings again.
    func follow(_ follower: @escaping @Sendable (DaemonSettings) -> Void) {
        state.withLock { $0.followers.append(follower) }
    }

    func replace(with new: DaemonSettings) {
        change { settings in
            let policies = settings.listedPolicies
            settings = new
            settings.listedPolicies = policies
        }
    }

    /// What the broker lists for that principal now. Returns whether that is something else than before.
    func list(_ policies: [String], of principal: Principal) -> Bool {
        guard (value.listedPolicies[principal] ?? []) != policies else { return false }
        change { $0.listedPolicies[principal] = policies.isEmpty ? nil : policies }
        return true
    }

    /// Whether `key` still means that role, and somebody may have it. A policy that there were credentials of counts as listed until the
    /// broker is asked.
    func takesUp(_ role: OfferedRole, for key: CredentialKey) -> Bool {
        if value.role(key) == nil, role == OfferedRole(name: key.role, policy: key.role, durationSeconds: nil),
            value.offersPolicies(of: key.principal)
        {
            change { $0.listedPolicies[key.principal, default: []].append(role.policy) }
        }
        return value.role(key) == role && value.offers(key)
    }

    private func change(_ change: (inout DaemonSettings) -> Void) {
        state.withLock { state in
            change(&state.settings)
            for follower in state.followers { follower(state.settings) }
        }
    }
}

/// Where settings come from, at the start and at each reload.
package struct SettingsSource: Sendable {
    private let path: String?
    let environment: [String: String]
    private let users: any UserDirectory

    /// - Parameter path: `nil` for the environment alone.
    package init(path: String?, environment: [String: String], users: any UserDirectory) {
        self.path = path
        self.environment = environment
        self.users = users
    }

    /// The chosen file, or else the usual one. Where that is absent, and variables of the environment are there for it, they
    /// are the configuration.
    init(chosen: String?, usual: String, environment: [String: String], users: any UserDirectory) {
        let isSet = environment.keys.contains { $0.hasPrefix(DaemonSettings.environmentPrefix + "_") }
        let isAbsent = access(usual, F_OK) != 0 && errno == ENOENT
        self.init(path: chosen ?? (isSet && isAbsent ? nil : usual), environment: environment, users: users)
    }

    package func load() throws(InvalidYAML) -> DaemonSettings {
        try DaemonSettings.load(path: path, environment: environment, users: users)
    }

    /// What stat(2) says of the file; `nil` while it is not there.
    func fingerprint() -> FileFingerprint? { path.flatMap { FileFingerprint(path: $0) } }

    /// For people.
    var name: String { path ?? "environment" }
}

extension DaemonSettings {
    /// These settings with what only a start can change left as `running` has it, and the keys of what was left.
    func adoptable(by running: DaemonSettings) -> (settings: DaemonSettings, left: [String]) {
        var new = self
        var left: [String] = []
        func keep<Value: Equatable>(_ setting: WritableKeyPath<DaemonSettings, Value>, _ key: String) {
            guard new[keyPath: setting] != running[keyPath: setting] else { return }
            new[keyPath: setting] = running[keyPath: setting]
            left.append(key)
        }
        keep(\.brokerURL, "broker.url")
        keep(\.brokerTLS, "broker.ca_file, client_certificate or client_key")
        keep(\.identity, running.identity.key(insteadOf: new.identity))
        keep(\.listeners, "listeners")
        keep(\.controlSocket, "control_socket")
        keep(\.tokenDirectory, "token_directory")
        keep(\.stateDirectory, "state_directory")
        keep(\.credentialBinding, "credential_cache")
        keep(\.tokenRotation, "token_rotation")
        keep(\.idleAfter, "idle_after")
        keep(\.shutdownDelay, "shutdown_delay")
        keep(\.connectionsPerUser, "limits.connections_per_user")
        keep(\.requestsPerSecond, "limits.requests_per_second")
        keep(\.metricsAddress, "metrics.address")
        keep(\.audit, "audit")
        return (new, left)
    }

    /// The users whom rules name, with those whose tokens callers elsewhere use.
    var namedUsers: Set<UInt32> {
        Set(callerRules.compactMap { $0.network == nil ? $0.user : $0.principal?.userID })
    }
}
