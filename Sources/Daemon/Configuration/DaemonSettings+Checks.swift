import CredentialCache
import FoundationEssentials
import MetadataServer
import StrictYAML

extension DaemonSettings {
    static func requireURL(_ text: String, at path: String) throws(SettingsFault) {
        guard let url = URL(string: text), let host = url.host(), !host.isEmpty else {
            throw SettingsFault(path, "is not a URL: \"\(text)\"")
        }
        switch url.scheme {
        case "https": return
        case "http":
            guard ["127.0.0.1", "::1", "[::1]", "localhost"].contains(host) else {
                throw SettingsFault(path, "must be https; http is for loopback only")
            }
        default: throw SettingsFault(path, "must begin with https://")
        }
    }

    static func requireUnique(_ names: [String], at path: String) throws(SettingsFault) {
        guard !names.isEmpty else { throw SettingsFault(path, "must have at least one entry") }
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw SettingsFault(path, "has two entries named \"\(name)\"")
        }
    }

    /// sun_path holds 108 bytes with its final zero (unix(7)).
    static func requirePath(_ path: String, at setting: String) throws(SettingsFault) {
        guard path.hasPrefix("/") else { throw SettingsFault(setting, "must be an absolute path, but is \"\(path)\"") }
        guard !path.utf8.contains(0) else { throw SettingsFault(setting, "has a NUL byte") }
    }

    static func requireSocketPath(_ path: String, at setting: String) throws(SettingsFault) {
        try requirePath(path, at: setting)
        guard path.utf8.count <= 107 else {
            throw SettingsFault(setting, "is longer than the 107 bytes that a Unix socket's path may have")
        }
    }

    /// A role's name is a path segment in URLs: letters, digits and what IAM allows in role names.
    static func check(_ role: DaemonConfiguration.Role, at path: String) throws(SettingsFault) {
        let isName = role.name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "_+=,.@-".utf8.contains(byte)
            }
        }
        guard (1...64).contains(role.name.utf8.count), isName, role.name != ".", role.name != ".." else {
            throw SettingsFault("\(path).name", "must be 1 to 64 of letters, digits and _+=,.@-")
        }
        guard !role.policy.isEmpty else { throw SettingsFault("\(path).policy", "must not be empty") }
        // STS AssumeRole, DurationSeconds.
        if let seconds = role.duration?.seconds, !(900...43_200).contains(seconds) {
            throw SettingsFault("\(path).duration", "must be 15m to 12h, the limits of AWS STS")
        }
    }

    static func check(_ listener: DaemonConfiguration.Listener, at path: String) throws(SettingsFault) {
        switch (listener.address, listener.unix) {
        case (let address?, nil):
            guard SocketText(address) != nil else {
                throw SettingsFault("\(path).address", "must be ADDRESS:PORT or [ADDRESS]:PORT, but is \"\(address)\"")
            }
            if listener.mode != nil { throw SettingsFault("\(path).mode", "is for Unix sockets only") }
        case (nil, let socket?):
            try requireSocketPath(socket, at: "\(path).unix")
            if let mode = listener.mode, Self.fileMode(mode) == nil {
                throw SettingsFault("\(path).mode", "must be an octal file mode like 0600, but is \"\(mode)\"")
            }
        default: throw SettingsFault(path, "must have either an address or a unix socket")
        }
    }

    /// `0600` and the like; no more than the permission bits.
    static func fileMode(_ text: String) -> UInt16? {
        guard (3...4).contains(text.utf8.count), let mode = UInt16(text, radix: 8), mode <= 0o777 else { return nil }
        return mode
    }
}

/// `127.0.0.1:80` or `[::1]:80`: a numeric address and a port, 0 for any free one.
struct SocketText {
    let host: String
    let port: Int

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 {
            self.host = String(host.dropFirst().dropLast())
        } else if !host.isEmpty, !host.contains(":") {
            self.host = String(host)
        } else {
            return nil
        }
        self.port = Int(port)
    }
}

extension CallerRule {
    init(
        _ entry: DaemonConfiguration.CallerEntry, at path: String, in configuration: DaemonConfiguration,
        users: some UserDirectory
    ) throws(SettingsFault) {
        guard let user = users.userID(of: entry.user) else {
            throw SettingsFault("\(path).user", "names no user of this machine: \"\(entry.user)\"")
        }
        for name in entry.roles where !configuration.roles.contains(where: { $0.name == name }) {
            throw SettingsFault("\(path).roles", "names no role: \"\(name)\"")
        }
        for name in entry.listeners ?? [] where !configuration.listeners.contains(where: { $0.name == name }) {
            throw SettingsFault("\(path).listeners", "names no listener: \"\(name)\"")
        }
        if let name = entry.defaultRole, !entry.roles.contains(name) {
            throw SettingsFault("\(path).default_role", "is not among this entry's roles: \"\(name)\"")
        }
        let inherited = configuration.defaultRole.flatMap { entry.roles.contains($0) ? $0 : nil }
        self.init(
            user: user, listeners: entry.listeners.map(Set.init), principal: .localUser(user), roles: entry.roles,
            defaultRole: entry.defaultRole ?? inherited)
    }
}
