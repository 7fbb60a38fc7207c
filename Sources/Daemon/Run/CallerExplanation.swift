import CallerIdentity
import CredentialCache
import MetadataServer

/// What `--explain-caller` prints: for each listener, which entry of `callers` would match if that process connected now, and
/// why those before it would not.
struct CallerExplanation {
    private let caller: Caller
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
        self.caller = caller
        self.settings = settings
    }

    /// Lines, each with its end.
    var text: String {
        ([callerLine] + settings.listeners.flatMap { lines(for: $0.name) }).map { $0 + "\n" }.joined()
    }

    private var callerLine: String {
        let facts = caller.processes?.first
        let groups = (caller.groups ?? []).sorted().map { "\($0)" }.joined(separator: " ")
        // Whoever may not look into the process, or finds another file at that path, sees none.
        return "process \(caller.processID ?? 0): uid \(caller.userID), groups \(groups.isEmpty ? "none" : groups), "
            + "executable \(facts?.executable ?? "unknown"), unit \(facts?.systemUnit ?? "none"), "
            + "cgroup \(facts?.controlGroup ?? "unknown")"
    }

    private func lines(for listener: String) -> [String] {
        var lines: [String] = []
        for (index, rule) in settings.callerRules.enumerated() {
            guard let obstacle = rule.obstacle(for: caller, listener: listener) else {
                return lines + ["\(listener): callers[\(index)] matches: \(Self.grant(of: rule, to: caller))"]
            }
            lines.append("\(listener): callers[\(index)] does not match: it is for \(Self.wish(obstacle, of: rule))")
        }
        return lines + ["\(listener): nothing, for no entry matches"]
    }

    private static func grant(of rule: CallerRule, to caller: Caller) -> String {
        let user = rule.principal(ofUser: caller.userID).userID
        let roles = rule.roles.map { $0 == rule.effectiveDefaultRole ? "\($0) (default)" : $0 }
        return "roles \(roles.joined(separator: ", ")) with the sign-in of uid \(user)"
    }

    private static func wish(_ obstacle: CallerRule.Obstacle, of rule: CallerRule) -> String {
        switch obstacle {
        case .listener: "the listeners \((rule.listeners ?? []).sorted().joined(separator: ", "))"
        case .user: "uid \(rule.user ?? 0)"
        case .group: "members of group \(rule.group ?? 0)"
        case .executable: "the executable \(rule.executable ?? "")"
        case .unit: "the unit \(rule.unit ?? "")"
        case .controlGroup: "the cgroup \(rule.controlGroup ?? "")"
        }
    }
}
