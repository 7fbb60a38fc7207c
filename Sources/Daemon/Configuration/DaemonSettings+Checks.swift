import BrokerAPI
import CallerIdentity
import HTTPExchange
import StrictYAML

extension DaemonSettings {
    /// `https`, or `http` on loopback, and nothing that would be lost or sent along when a path is appended.
    static func requireURL(_ text: String, at path: String) throws(SettingsFault) {
        guard let url = WebAddress(text) else { throw SettingsFault(path, "is not a URL: \(Excerpt.quoted(text))") }
        guard !url.hasUser, url.query == nil, url.fragment == nil else {
            throw SettingsFault(path, "must have no user, query or fragment")
        }
        switch url.scheme {
        case "https": return
        case "http":
            guard LoopbackHost.contains(url.host) else {
                throw SettingsFault(path, "must be https; http is for loopback only")
            }
        default: throw SettingsFault(path, "must begin with https://")
        }
    }

    /// Files that can't be used are found before the broker is called.
    static func tlsFiles(of broker: DaemonConfiguration.Broker) throws(SettingsFault) -> BrokerTLSFiles {
        let files = BrokerTLSFiles(
            authorities: broker.caFile, certificate: broker.clientCertificate, key: broker.clientKey)
        for (path, name) in [
            (files.authorities, "ca_file"), (files.certificate, "client_certificate"), (files.key, "client_key"),
        ] {
            if let path { try requirePath(path, at: "broker.\(name)") }
        }
        guard (files.certificate == nil) == (files.key == nil) else {
            throw SettingsFault("broker", "must have client_certificate and client_key, or neither")
        }
        do throws(InvalidYAML) {
            try files.check()
        } catch {
            throw SettingsFault("broker", "names a file that can't be used: \(error)")
        }
        return files
    }

    static func binding(of configuration: DaemonConfiguration) throws(SettingsFault) -> CredentialBinding? {
        guard let text = configuration.credentialCache, text != "off" else { return nil }
        guard let binding = CredentialBinding(rawValue: text) else {
            throw SettingsFault("credential_cache", "must be off, boot or machine, but is \(Excerpt.quoted(text))")
        }
        guard configuration.stateDirectory != nil else {
            throw SettingsFault("credential_cache", "needs a state_directory")
        }
        return binding
    }

    /// A numeric loopback address and a port: there is no sign-in, so nobody elsewhere may reach it.
    static func requireLoopback(_ text: String, at setting: String) throws(SettingsFault) {
        guard let socket = SocketText(text) else {
            throw SettingsFault(
                setting,
                "must be ADDRESS:PORT or [ADDRESS]:PORT with a numeric address, but is \(Excerpt.quoted(text))")
        }
        guard IPAddress(socket.host)?.isLoopback ?? false else {
            throw SettingsFault(setting, "must be on loopback, as it has no sign-in, but is \(Excerpt.quoted(text))")
        }
    }

    static func requireUnique(
        _ names: [String], at path: String, mayBeEmpty: Bool = false
    ) throws(SettingsFault) {
        guard !names.isEmpty || mayBeEmpty else { throw SettingsFault(path, "must have at least one entry") }
        var seen: Set<String> = []
        for (index, name) in names.enumerated() where !seen.insert(name).inserted {
            throw SettingsFault("\(path)[\(index)]", "has a name that an entry before it has: \(Excerpt.quoted(name))")
        }
    }

    static func requirePath(_ path: String, at setting: String) throws(SettingsFault) {
        guard path.hasPrefix("/") else {
            throw SettingsFault(setting, "must be an absolute path, but is \(Excerpt.quoted(path))")
        }
        guard !path.utf8.contains(0) else { throw SettingsFault(setting, "has a NUL byte") }
    }

    /// sun_path holds 108 bytes with its final zero (unix(7)).
    static func requireSocketPath(_ path: String, at setting: String) throws(SettingsFault) {
        try requirePath(path, at: setting)
        guard path.utf8.count <= 107 else {
            throw SettingsFault(setting, "is longer than the 107 bytes that a Unix socket's path may have")
        }
    }

    static func check(_ provider: DaemonConfiguration.IdentityProvider) throws(SettingsFault) {
        try requireURL(provider.issuer, at: "identity_provider.issuer")
        guard !provider.clientID.isEmpty else {
            throw SettingsFault("identity_provider.client_id", "must not be empty")
        }
        // OpenID Connect Core section 3.1.2.1: without it there is no ID token.
        guard provider.scopes?.contains("openid") ?? true else {
            throw SettingsFault("identity_provider.scopes", "must contain openid")
        }
    }

    /// These end up in texts that SDKs split into lines and paste into URLs.
    static func check(_ instance: DaemonConfiguration.Instance) throws(SettingsFault) {
        let names = [
            ("region", instance.region), ("availability_zone", instance.availabilityZone),
            ("instance_id", instance.instanceID),
        ]
        for case (let key, let value?) in names where !isName(value, also: "-") {
            throw SettingsFault("instance.\(key)", "must be 1 to 64 of letters, digits and -")
        }
        if let account = instance.accountID, account.utf8.count != 12 || !isNumber(account) {
            throw SettingsFault("instance.account_id", "must be twelve digits")
        }
    }

    static func check(_ role: DaemonConfiguration.Role, at path: String) throws(SettingsFault) {
        guard isRoleName(role.name) else {
            throw SettingsFault("\(path).name", "must be 1 to 64 of letters, digits and _+=,.@-")
        }
        guard !role.policy.isEmpty else { throw SettingsFault("\(path).policy", "must not be empty") }
        // STS AssumeRole, DurationSeconds.
        if let seconds = role.duration?.seconds, !(900...43_200).contains(seconds) {
            throw SettingsFault("\(path).duration", "must be 15m to 12h, the limits of AWS STS")
        }
    }

    static func isNumber(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Whether `text` is 1 to 64 of ASCII letters, digits and `others`.
    static func isName(_ text: String, also others: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: others.utf8.contains(byte)
                }
            }
    }
}
