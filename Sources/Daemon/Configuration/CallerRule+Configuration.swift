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
        let inherited = configuration.defaultRole.flatMap { entry.roles.contains($0) ? $0 : nil }
        self.init(
            user: try Self.user(entry.user, at: "\(path).user", in: users),
            listeners: entry.listeners.map(Set.init),
            principal: try Self.user(entry.principal, at: "\(path).principal", in: users).map { .localUser($0) },
            roles: entry.roles, defaultRole: entry.defaultRole ?? inherited)
        executable = entry.executable
        unit = entry.unit
        controlGroup = entry.cgroup
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
            guard configuration.roles.contains(where: { $0.name == name }) else {
                throw SettingsFault("\(path).roles[\(index)]", "names no role: \(Excerpt.quoted(name))")
            }
            // IMDS would list it twice.
            guard entry.roles.firstIndex(of: name) == index else {
                throw SettingsFault("\(path).roles[\(index)]", "is there twice: \(Excerpt.quoted(name))")
            }
        }
        if let name = entry.defaultRole, !entry.roles.contains(name) {
            throw SettingsFault("\(path).default_role", "is not among this entry's roles: \(Excerpt.quoted(name))")
        }
    }

    private static func checkConditions(
        of entry: DaemonConfiguration.CallerEntry, at path: String, in configuration: DaemonConfiguration
    ) throws(SettingsFault) {
        // A forgotten condition must not open the daemon to everybody.
        guard [entry.user, entry.group, entry.executable, entry.unit, entry.cgroup].contains(where: { $0 != nil })
        else {
            throw SettingsFault(path, "must have a user, group, executable, unit or cgroup")
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
