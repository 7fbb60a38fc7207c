import CallerIdentity
import CredentialCache
import MetadataServer

/// What `--explain-caller` prints: for each listener, which entry of `callers` would match if that process, or somebody at that
/// address, connected now, and why those before it would not.
struct CallerExplanation {
    private enum Subject {
        case process(Caller)
        case address(IPAddress)
    }

    private let subject: Subject
    private let settings: DaemonSettings

    /// `nil` if there is no such process.
    init?(processID: Int32, settings: DaemonSettings) {
        guard let process = CallerProcess(processID: processID), let facts = process.facts(),
            let userID = process.userID()
        else { return nil }
        var caller = Caller(userID: userID, groupID: nil, processID: processID)
        caller.groups = UserGroups.ofUser(userID)
        caller.processes = [facts]
        self.init(caller: caller, settings: settings)
    }

    init(caller: Caller, settings: DaemonSettings) {
        subject = .process(caller)
        self.settings = settings
    }

    /// Of an address that is not this machine's.
    init(address: IPAddress, settings: DaemonSettings) {
        subject = .address(address)
        self.settings = settings
    }

    /// Lines, each with its end.
    var text: String {
        ([subjectLine] + settings.listeners.flatMap { lines(for: $0.name) }).map { $0 + "\n" }.joined()
    }

    private var subjectLine: String {
        guard case .process(let caller) = subject else { return "address \(origin), not of this machine" }
        let facts = caller.processes?.first
        let groups = (caller.groups ?? []).sorted().map { "\($0)" }.joined(separator: " ")
        // Whoever may not look into the process, or finds another file at that path, sees none.
        return "process \(caller.processID ?? 0): \(origin), groups \(groups.isEmpty ? "none" : groups), "
            + "executable \(facts?.executable ?? "unknown"), unit \(facts?.systemUnit ?? "none"), "
            + "cgroup \(facts?.controlGroup ?? "unknown")"
    }

    private var origin: CallerOrigin {
        switch subject {
        case .process(let caller): .user(caller.userID)
        case .address(let address): .address(address)
        }
    }

    private func lines(for listener: String) -> [String] {
        var lines: [String] = []
        for (index, rule) in settings.callerRules.enumerated() {
            guard let obstacle = obstacle(of: rule, at: listener) else {
                return lines + ["\(listener): callers[\(index)] matches: \(grant(of: rule))"]
            }
            lines.append("\(listener): callers[\(index)] does not match: it is for \(Self.wish(obstacle, of: rule))")
        }
        return lines + ["\(listener): nothing, for no entry matches"]
    }

    private func obstacle(of rule: CallerRule, at listener: String) -> CallerRule.Obstacle? {
        switch subject {
        case .process(let caller): rule.obstacle(for: caller, listener: listener)
        case .address(let address): rule.obstacle(for: address, listener: listener)
        }
    }

    private func grant(of rule: CallerRule) -> String {
        let roles = rule.roles.map { $0 == rule.effectiveDefaultRole ? "\($0) (default)" : $0 }
        var user = rule.principal?.userID
        if case .process(let caller) = subject { user = rule.principal(ofUser: caller.userID).userID }
        let chosen = rule.defaultRole.flatMap { rule.roles.contains($0) ? nil : "\($0) (default)" }
        let others = rule.includesPolicies ? [chosen, "whatever the broker lists"].compactMap { $0 } : []
        return "roles \((roles + others).joined(separator: ", ")) with the sign-in of uid \(user ?? 0)"
    }

    private static func wish(_ obstacle: CallerRule.Obstacle, of rule: CallerRule) -> String {
        switch obstacle {
        case .listener: "the listeners \((rule.listeners ?? []).sorted().joined(separator: ", "))"
        case .network: rule.network.map { "callers from \($0)" } ?? "processes of this machine"
        case .user: "uid \(rule.user ?? 0)"
        case .group: "members of group \(rule.group ?? 0)"
        case .executable: "the executable \(rule.executable ?? "")"
        case .unit: "the unit \(rule.unit ?? "")"
        case .controlGroup: "the cgroup \(rule.controlGroup ?? "")"
        }
    }
}
