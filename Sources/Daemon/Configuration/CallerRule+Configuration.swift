import CallerIdentity
import CredentialCache
import HTTPExchange
import MetadataServer

extension CallerRule {
    /// What an entry of `callers` means on this machine.
    init(
        _ entry: DaemonConfiguration.CallerEntry, at path: String, in configuration: DaemonConfiguration,
        users: some UserDirectory
    ) throws(SettingsFault) {
        try Self.checkRoles(of: entry, at: path, in: configuration)
        try Self.checkConditions(of: entry, at: path, in: configuration)
        let offersPolicies = entry.roles.contains(DaemonSettings.everything)
        let named = entry.roles.filter { $0 != DaemonSettings.everything }
        let others = configuration.roles.map(\.name).filter { offersPolicies && !named.contains($0) }
        let inherited = configuration.defaultRole.flatMap { offersPolicies || named.contains($0) ? $0 : nil }
        self.init(
            user: try Self.user(entry.user, at: "\(path).user", in: users),
            listeners: entry.listeners.map(Set.init),
            principal: configuration.workloadIdentity == nil
                ? try Self.user(entry.principal, at: "\(path).principal", in: users).map { .localUser($0) }
                : DaemonIdentity.workloadPrincipal,
            roles: named + others, defaultRole: entry.defaultRole ?? inherited)
        includesPolicies = offersPolicies
        executable = entry.executable
        unit = entry.unit
        controlGroup = entry.cgroup
        network = try Self.network(of: entry, at: path, needsPrincipal: configuration.workloadIdentity == nil)
        if let name = entry.group {
            group = users.groupID(of: name)
            guard group != nil else {
                throw SettingsFault("\(path).group", "names no group of this machine: \(Excerpt.quoted(name))")
            }
        }
    }

    private static func user(
        _ name: String?, at path: String, in users: some UserDirectory
    ) throws(SettingsFault) -> UInt32? {
        guard let name else { return nil }
        guard let user = users.userID(of: name) else {
            throw SettingsFault(path, "names no user of this machine: \(Excerpt.quoted(name))")
        }
        return user
    }

    private static func checkRoles(
        of entry: DaemonConfiguration.CallerEntry, at path: String, in configuration: DaemonConfiguration
    ) throws(SettingsFault) {
        for (index, name) in entry.roles.enumerated() {
            guard name == DaemonSettings.everything || configuration.roles.contains(where: { $0.name == name }) else {
                throw SettingsFault("\(path).roles[\(index)]", "names no role: \(Excerpt.quoted(name))")
            }
            // IMDS would list it twice.
            guard entry.roles.firstIndex(of: name) == index else {
                throw SettingsFault("\(path).roles[\(index)]", "is there twice: \(Excerpt.quoted(name))")
            }
        }
        guard let name = entry.defaultRole, !entry.roles.contains(name) else { return }
        guard entry.roles.contains(DaemonSettings.everything), DaemonSettings.isRoleName(name) else {
            throw SettingsFault("\(path).default_role", "is not among this entry's roles: \(Excerpt.quoted(name))")
        }
    }

    private static func network(
        of entry: DaemonConfiguration.CallerEntry, at path: String, needsPrincipal: Bool
    ) throws(SettingsFault) -> IPNetwork? {
        guard let text = entry.network else { return nil }
        guard !entry.isAboutProcesses else {
            throw SettingsFault(path, "can't have user, group, executable, unit or cgroup beside a network")
        }
        guard entry.principal != nil || !needsPrincipal else {
            throw SettingsFault(path, "must have a principal, as it is about a network")
        }
        guard let network = IPNetwork(text) else {
            throw SettingsFault(
                "\(path).network",
                "must be an address or a network like 172.17.0.0/16, without bits behind the prefix, but is "
                    + Excerpt.quoted(text))
        }
        guard !network.isEverything, !network.isLoopback else {
            throw SettingsFault("\(path).network", "must be of other machines, and not of all: \(Excerpt.quoted(text))")
        }
        return network
    }

    private static func checkConditions(
        of entry: DaemonConfiguration.CallerEntry, at path: String, in configuration: DaemonConfiguration
    ) throws(SettingsFault) {
        // A forgotten condition must not open the daemon to everybody.
        guard entry.isAboutProcesses || entry.network != nil else {
            throw SettingsFault(path, "must have a user, group, executable, unit, cgroup or network")
        }
        if entry.principal != nil, configuration.workloadIdentity != nil {
            throw SettingsFault("\(path).principal", "can't be there beside workload_identity, which all share")
        }
        for case (let key, let value?) in [("executable", entry.executable), ("cgroup", entry.cgroup)] {
            try DaemonSettings.requirePath(value, at: "\(path).\(key)")
        }
        if let unit = entry.unit, unit.contains("/") || !(unit.hasSuffix(".service") || unit.hasSuffix(".scope")) {
            throw SettingsFault(
                "\(path).unit", "must be the name of a service or scope, but is \(Excerpt.quoted(unit))")
        }
        for (index, name) in (entry.listeners ?? []).enumerated()
        where !configuration.listeners.contains(where: { $0.name == name }) {
            throw SettingsFault("\(path).listeners[\(index)]", "names no listener: \(Excerpt.quoted(name))")
        }
    }
}

extension DaemonConfiguration.CallerEntry {
    /// Whether it has a condition that only a process of this machine can meet.
    fileprivate var isAboutProcesses: Bool {
        [user, group, executable, unit, cgroup].contains { $0 != nil }
    }
}
