import CredentialCache
import HTTPExchange
import MetadataServer

extension CallerRule {
    /// What an entry of `callers` means on this machine.
    init(
        _ entry: DaemonConfiguration.CallerEntry, at path: String, in configuration: DaemonConfiguration,
        users: some UserDirectory
    ) throws(SettingsFault) {
        guard let user = users.userID(of: entry.user) else {
            throw SettingsFault("\(path).user", "names no user of this machine: \(Excerpt.quoted(entry.user))")
        }
        for (index, name) in entry.roles.enumerated() {
            guard configuration.roles.contains(where: { $0.name == name }) else {
                throw SettingsFault("\(path).roles[\(index)]", "names no role: \(Excerpt.quoted(name))")
            }
            // IMDS would list it twice.
            guard entry.roles.firstIndex(of: name) == index else {
                throw SettingsFault("\(path).roles[\(index)]", "is there twice: \(Excerpt.quoted(name))")
            }
        }
        for (index, name) in (entry.listeners ?? []).enumerated()
        where !configuration.listeners.contains(where: { $0.name == name }) {
            throw SettingsFault("\(path).listeners[\(index)]", "names no listener: \(Excerpt.quoted(name))")
        }
        if let name = entry.defaultRole, !entry.roles.contains(name) {
            throw SettingsFault("\(path).default_role", "is not among this entry's roles: \(Excerpt.quoted(name))")
        }
        let inherited = configuration.defaultRole.flatMap { entry.roles.contains($0) ? $0 : nil }
        self.init(
            user: user, listeners: entry.listeners.map(Set.init), principal: .localUser(user), roles: entry.roles,
            defaultRole: entry.defaultRole ?? inherited)
    }
}
