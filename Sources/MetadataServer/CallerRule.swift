package import CallerIdentity
package import CredentialCache

/// One entry of the caller rules: conditions, all of which must hold, and what the caller may have then.
package struct CallerRule: Sendable, Equatable {
    /// The local user it is about.
    package var user: UInt32?
    /// The group whose members it is about.
    package var group: UInt32?
    /// The absolute path of the program that every process at the other end must run.
    package var executable: String?
    /// The system unit that they must belong to.
    package var unit: String?
    /// The control group that they must be in or below.
    package var controlGroup: String?
    /// The addresses elsewhere that it is about. Then it is about no local user, and none of the above can be told.
    package var network: IPNetwork?
    /// The names of the listeners it holds at; `nil` means all of them.
    package var listeners: Set<String>?
    /// Whose sign-in is used; `nil` for each caller's own.
    package var principal: Principal?
    /// The names of the roles the caller may have.
    package let roles: [String]
    /// Whether the caller may also have what the broker lists for the principal: each policy, under its id.
    package var includesPolicies = false
    /// The role that IMDS shows and the container endpoint serves when none is named. With a single role, that one,
    /// unless set. It must be one of `roles`, or of the listed policies, or it counts as none.
    package let defaultRole: String?

    package init(
        user: UInt32?, listeners: Set<String>? = nil, principal: Principal? = nil, roles: [String],
        defaultRole: String? = nil
    ) {
        self.user = user
        self.listeners = listeners
        self.principal = principal
        self.roles = roles
        self.defaultRole = defaultRole
    }

    /// A condition that a caller does not meet.
    package enum Obstacle: Sendable {
        case listener, network, user, group, executable, unit, controlGroup
    }

    /// The first condition that `caller` does not meet; `nil` if the rule matches.
    package func obstacle(for caller: Caller, listener: String) -> Obstacle? {
        if !isFor(listener: listener) { return .listener }
        if network != nil { return .network }
        if !isFor(user: caller.userID) { return .user }
        if let group, !(caller.groups?.contains(group) ?? false) { return .group }
        if let executable, !Self.all(caller.processes, { $0.executable == executable }) { return .executable }
        if let unit, !Self.all(caller.processes, { $0.systemUnit == unit }) { return .unit }
        if let controlGroup, !Self.all(caller.processes, { $0.isWithin(controlGroup: controlGroup) }) {
            return .controlGroup
        }
        return nil
    }

    /// The first condition that a connection from `address`, which is not this machine's, does not meet.
    package func obstacle(for address: IPAddress, listener: String) -> Obstacle? {
        if !isFor(listener: listener) { return .listener }
        // Without a principal nobody's sign-in could be used.
        guard let network, network.contains(address), principal != nil else { return .network }
        return nil
    }

    /// Whether it may match some process of `caller` at some listener.
    package func mayConcern(_ caller: Caller) -> Bool {
        network == nil && isFor(user: caller.userID) && (group.map { caller.groups?.contains($0) ?? false } ?? true)
    }

    package var effectiveDefaultRole: String? {
        defaultRole ?? (roles.count == 1 && !includesPolicies ? roles.first : nil)
    }

    package func principal(ofUser user: UInt32) -> Principal { principal ?? .localUser(user) }

    func isFor(user: UInt32) -> Bool { self.user.map { $0 == user } ?? true }

    func isFor(listener: String) -> Bool { listeners?.contains(listener) ?? true }

    package var detail: CallerDetail {
        var detail: CallerDetail = []
        if group != nil { detail.insert(.groups) }
        if executable != nil || unit != nil || controlGroup != nil { detail.insert(.processes) }
        return detail
    }

    /// Nobody at all does not meet a condition.
    private static func all(_ processes: [ProcessFacts]?, _ condition: (ProcessFacts) -> Bool) -> Bool {
        guard let processes, !processes.isEmpty else { return false }
        return processes.allSatisfy(condition)
    }
}
