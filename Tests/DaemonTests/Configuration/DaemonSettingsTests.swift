import Daemon
import Foundation
import MetadataServer
import StrictYAML
import Testing

@Suite("Daemon settings")
struct DaemonSettingsTests {
    private func load(_ text: String, environment: [String: String] = [:]) throws -> DaemonSettings {
        try TemporaryFolder.with { folder in
            let file = folder.file("d.yaml")
            try Data(text.utf8).write(to: URL(filePath: file))
            return try DaemonSettings.load(path: file, environment: environment, users: FakeUsers())
        }
    }

    /// The error of a file, from its last path component on.
    private func fault(_ text: String, environment: [String: String] = [:]) -> String {
        do {
            return "accepted: \(try load(text, environment: environment))"
        } catch {
            return "\(error)".replacing(/.*\/d\.yaml/, with: "d.yaml")
        }
    }

    @Test("The whole form is read, with its defaults")
    func reads() throws {
        let settings = try load(Sample.configuration())
        #expect(settings.brokerURL == "https://broker.example.com")
        #expect(settings.scopes == ["openid", "email", "profile", "offline_access"])
        #expect(settings.roles.map(\.durationSeconds) == [3600, nil])
        #expect(settings.roles.map(\.policy) == ["dev-policy", "read-policy"])
        #expect(settings.callerRules.map(\.user) == [1000, 1001])
        #expect(settings.callerRules.map(\.defaultRole) == ["readonly", nil])
        #expect(settings.callerRules.map(\.listeners) == [nil, nil])
        #expect(settings.idleAfter == 43_200)
        #expect(settings.facts.region == "eu-central-1")
        let shorter = Sample.configuration().replacing("idle_after: 12h", with: "idle_after: 0s")
        #expect(try load(shorter).idleAfter == 0)
    }

    /// What is replaced by what, and the place and the words of the error.
    typealias Mistake = (part: String, replacement: String, place: String, mention: String)

    static let addresses: [Mistake] = [
        ("https://broker.example.com", "broker.example.com", "2:8", "broker.url is not a URL"),
        ("https://broker.example.com", "ftp://b", "2:8", "broker.url must begin with https://"),
        (
            "https://broker.example.com", "http://broker.example.com", "2:8",
            "broker.url must be https; http is for loopback"
        ),
        ("https://broker.example.com", "http://127.0.0.1.example.com", "2:8", "broker.url must be https"),
        ("https://broker.example.com", "http://localhost@example.com", "2:8", "broker.url must have no user"),
        ("https://broker.example.com", "https://a:b@example.com", "2:8", "broker.url must have no user"),
        ("https://broker.example.com", "https://b/?a=b", "2:8", "broker.url must have no user, query"),
        ("https://broker.example.com", "\"https://b/#a\"", "2:8", "broker.url must have no user, query or fragment"),
        ("https://broker.example.com", "https://", "2:8", "broker.url is not a URL"),
        ("https://broker.example.com", "\"\"", "2:8", "broker.url is not a URL"),
        ("https://broker.example.com", "https://b:99999", "2:8", "broker.url is not a URL"),
        ("https://broker.example.com", "https://b:0", "2:8", "broker.url is not a URL"),
        ("https://broker.example.com", "\"https://b/a b\"", "2:8", "broker.url is not a URL"),
        ("https://broker.example.com", "\"https://b\\n\"", "2:8", "broker.url is not a URL"),
        ("https://login.example.com", "http://login.example.com", "4:11", "identity_provider.issuer must be https"),
        ("https://login.example.com", "nonsense", "4:11", "identity_provider.issuer is not a URL"),
        ("client_id: stsbroker", "client_id: \"\"", "5:14", "identity_provider.client_id must not be empty"),
        (
            "client_id: stsbroker", "client_id: c\n  scopes: [email]", "6:11",
            "identity_provider.scopes must contain openid"
        ),
        ("client_id: stsbroker", "client_id: c\n  scopes: []", "6:11", "identity_provider.scopes must contain openid"),
        ("region: eu-central-1", "region: \"\"", "7:11", "instance.region must be 1 to 64"),
        ("region: eu-central-1", "region: \"a\\nb\"", "7:11", "instance.region must be 1 to 64"),
        ("region: eu-central-1", "availability_zone: a/b", "7:22", "instance.availability_zone must be"),
        ("region: eu-central-1", "instance_id: \"i 1\"", "7:16", "instance.instance_id must be"),
        ("region: eu-central-1", "account_id: \"12345678901\"", "7:15", "instance.account_id must be twelve digits"),
        ("region: eu-central-1", "account_id: 12345678901x", "7:15", "instance.account_id must be twelve digits"),
    ]

    static let roles: [Mistake] = [
        ("name: developer", "name: readonly", "10:5", "roles[1] has a name that an entry before it has: \"readonly\""),
        ("name: developer", "name: \"\"", "9:12", "roles[0].name must be 1 to 64"),
        ("name: developer", "name: \"a b\"", "9:12", "roles[0].name must be"),
        ("name: developer", "name: a/b", "9:12", "roles[0].name must be"),
        ("name: developer", "name: ..", "9:12", "roles[0].name must be"),
        ("name: developer", "name: é", "9:12", "roles[0].name must be"),
        ("name: developer", "name: \(String(repeating: "a", count: 65))", "9:12", "roles[0].name must be"),
        ("policy: dev-policy", "policy: \"\"", "9:31", "roles[0].policy must not be empty"),
        ("duration: 1h", "duration: 899s", "9:53", "roles[0].duration must be 15m to 12h"),
        ("duration: 1h", "duration: 13h", "9:53", "roles[0].duration must be 15m to 12h"),
        ("duration: 1h", "duration: 3600", "9:53", "roles[0].duration must be a length of time"),
        ("duration: 1h", "duration: 99999999999999999999h", "9:53", "roles[0].duration must be a length of time"),
        ("duration: 1h", "duration: -1h", "9:53", "roles[0].duration must be a length of time"),
        ("duration: 1h", "duration: 9223372036854775807d", "9:53", "roles[0].duration must be a length of time"),
        ("idle_after: 12h", "idle_after: 9999999d", "20:13", "idle_after must be a length of time"),
        ("idle_after: 12h", "default_role: admin", "20:15", "default_role names no role: \"admin\""),
    ]

    static let listeners: [Mistake] = [
        ("name: imds", "name: containers", "13:5", "listeners[1] has a name that an entry before it has"),
        ("name: imds", "name: \"\"", "12:12", "listeners[0].name must be 1 to 64"),
        ("name: imds", "name: \"a\\nb\"", "12:12", "listeners[0].name must be"),
        ("face: imds", "face: imsd", "12:24", "listeners[0].face must be imds or container, but is \"imsd\""),
        ("\"127.0.0.1:0\"", "\"127.0.0.1\"", "12:39", "listeners[0].address must be ADDRESS:PORT"),
        ("\"127.0.0.1:0\"", "\"localhost:80\"", "12:39", "listeners[0].address must be ADDRESS:PORT"),
        ("\"127.0.0.1:0\"", "\"127.1:80\"", "12:39", "listeners[0].address must be"),
        ("\"127.0.0.1:0\"", "\"127.0.0.256:80\"", "12:39", "listeners[0].address must be"),
        ("\"127.0.0.1:0\"", "\"127.0.0.1:65536\"", "12:39", "listeners[0].address must be"),
        ("\"127.0.0.1:0\"", "\"127.0.0.1:-1\"", "12:39", "listeners[0].address must be"),
        ("\"127.0.0.1:0\"", "\"127.0.0.1:+80\"", "12:39", "listeners[0].address must be"),
        ("\"127.0.0.1:0\"", "\"127.0.0.1:\"", "12:39", "listeners[0].address must be"),
        ("\"127.0.0.1:0\"", "\":80\"", "12:39", "listeners[0].address must be"),
        ("\"127.0.0.1:0\"", "\"::1:80\"", "12:39", "listeners[0].address must be"),
        ("\"127.0.0.1:0\"", "\"[127.0.0.1]:80\"", "12:39", "listeners[0].address must be"),
        ("\"127.0.0.1:0\"", "\"[]:80\"", "12:39", "listeners[0].address must be"),
        (
            "\"127.0.0.1:0\"", "\"127.0.0.1:9912\"", "13:50",
            "listeners[1].address is the address of a listener before it"
        ),
        ("\"127.0.0.1:0\"", "\"127.0.0.1:09912\"", "13:50", "listeners[1].address is the address of a listener"),
        ("\"127.0.0.1:0\"", "\"127.0.0.1:0\", mode: \"0600\"", "12:60", "listeners[0].mode is for Unix sockets only"),
        ("\"127.0.0.1:0\"", "\"127.0.0.1:0\", unix: /a", "12:5", "listeners[0] must have either an address or a unix"),
        (", address: \"127.0.0.1:0\"", "", "12:5", "listeners[0] must have either an address or a unix socket"),
        (
            "unix: /run/x/c.sock", "unix: c.sock", "14:44",
            "listeners[2].unix must be an absolute path, but is \"c.sock\""
        ),
        ("unix: /run/x/c.sock", "unix: \"/a\\0b\"", "14:44", "listeners[2].unix has a NUL byte"),
        (
            "unix: /run/x/c.sock", "unix: /\(String(repeating: "a", count: 107))", "14:44",
            "listeners[2].unix is longer than the 107"
        ),
        (
            "unix: /run/x/c.sock", "unix: /run/x/control.sock", "14:44",
            "listeners[2].unix is the path of the control socket"
        ),
        ("address: \"127.0.0.1:0\"", "unix: /run/x/c.sock", "14:44", "listeners[2].unix is the path of"),
        ("mode: \"0600\"", "mode: \"0888\"", "14:65", "listeners[2].mode must be an octal file mode like 0600"),
        ("mode: \"0600\"", "mode: \"1777\"", "14:65", "listeners[2].mode must be an octal"),
        ("mode: \"0600\"", "mode: \"+600\"", "14:65", "listeners[2].mode must be an octal"),
        ("mode: \"0600\"", "mode: \"07777\"", "14:65", "listeners[2].mode must be an octal"),
        ("mode: \"0600\"", "mode: rw", "14:65", "listeners[2].mode must be an octal"),
        ("/run/x/control.sock", "control.sock", "18:17", "control_socket must be an absolute path"),
        (
            "/run/x/control.sock", "/\(String(repeating: "c", count: 107))", "18:17",
            "control_socket is longer than the 107 bytes"
        ),
        ("/run/x/tokens", "tokens", "19:18", "token_directory must be an absolute path"),
        (
            "\"127.0.0.1:9912\"", "\"127.0.0.1:9912\", imdsv1: true", "13:76",
            "listeners[1].imdsv1 is for the face imds only"
        ),
        ("\"127.0.0.1:0\"", "\"127.0.0.1:0\", hop_limit: 0", "12:65", "listeners[0].hop_limit must be 1 to 255"),
        ("mode: \"0600\"", "group: nobodies", "14:66", "listeners[2].group names no group of this machine"),
        ("\"127.0.0.1:0\"", "\"127.0.0.1:0\", group: developers", "12:61", "listeners[0].group is for Unix sockets"),
        ("mode: \"0600\"", "hop_limit: 1", "14:70", "listeners[2].hop_limit is for addresses only"),
        ("\"127.0.0.1:0\"", "\"127.0.0.1:0\", hosts: [\"a:80\"]", "12:62", "listeners[0].hosts[0] must be a name"),
        (
            "idle_after: 12h", "metadata: {/user-data: x}", "20:11",
            "metadata has the path \"/user-data\", which must be a path"
        ),
        ("idle_after: 12h", "limits: {connections_per_user: 0}", "20:32", "limits.connections_per_user must be 1 to"),
    ]

    static let callers: [Mistake] = [
        ("user: ana", "user: nobody-here", "16:12", "callers[0].user names no user of this machine: \"nobody-here\""),
        ("user: ana", "user: \"-1\"", "16:12", "callers[0].user names no user"),
        ("user: ana", "user: 99999999999", "16:12", "callers[0].user names no user"),
        ("[readonly]}", "[admin]}", "17:25", "callers[1].roles[0] names no role: \"admin\""),
        ("[readonly]}", "[readonly, readonly]}", "17:35", "callers[1].roles[1] is there twice: \"readonly\""),
        (
            "[readonly]}", "[readonly], listeners: [imds, web]}", "17:54",
            "callers[1].listeners[1] names no listener: \"web\""
        ),
        (
            "default_role: readonly", "default_role: admin", "16:61",
            "callers[0].default_role is not among this entry's roles"
        ),
        ("[readonly]}", "[], default_role: readonly}", "17:42", "callers[1].default_role is not among"),
        ("[readonly]}", "[\"*\", \"*\"]}", "17:30", "callers[1].roles[1] is there twice: \"*\""),
        ("[readonly]}", "[\"*\"], default_role: a/b}", "17:45", "callers[1].default_role is not among"),
    ]

    static let forms: [Mistake] = [
        ("client_id:", "clientid:", "5:3", "identity_provider has an unknown key \"clientid\""),
        ("idle_after:", "idle:", "20:1", "the document has an unknown key \"idle\""),
        ("roles: [readonly]}", "rolls: [readonly]}", "17:17", "callers[1] has an unknown key \"rolls\""),
        ("roles: [readonly]}", "roles: readonly}", "17:24", "callers[1].roles must be a list, but is a single value"),
        ("roles: [readonly]}", "roles: [[readonly]]}", "17:25", "callers[1].roles[0] must be text, but is a list"),
        ("user: ben, ", "", "17:5", "callers[1] must have a user, group, executable, unit, cgroup or network"),
        ("user: ben", "group: nobodies", "17:13", "callers[1].group names no group of this machine: \"nobodies\""),
        ("user: ben", "user: ben, principal: x", "17:28", "callers[1].principal names no user"),
        ("user: ben", "executable: aws", "17:18", "callers[1].executable must be an absolute path, but is \"aws\""),
        ("user: ben", "cgroup: ci.slice", "17:14", "callers[1].cgroup must be an absolute path"),
        ("user: ben", "unit: backup", "17:12", "callers[1].unit must be the name of a service or scope"),
        ("user: ben", "unit: /a.service", "17:12", "callers[1].unit must be the name of a service or scope"),
        ("user: ben", "network: 10.0.0.0/8", "17:5", "callers[1] must have a principal"),
        ("user: ben", "user: ben, network: 10.0.0.1", "17:5", "callers[1] can't have user, group, executable, unit"),
        (
            "user: ben", "principal: ben, network: 10.0.0.1/8", "17:31",
            "callers[1].network must be an address or a network like 172.17.0.0/16"
        ),
        ("user: ben", "principal: ben, network: 0.0.0.0/0", "17:31", "callers[1].network must be of other machines"),
        ("user: ben", "principal: ben, network: \"::1\"", "17:31", "callers[1].network must be of other machines"),
        ("broker:\n  url: https://broker.example.com\n", "", "1:1", "the document lacks the key \"broker\""),
        (
            "  url: https://broker.example.com", "  - https://broker.example.com", "2:3",
            "broker must be a mapping, but is a list"
        ),
    ]

    static let watching: [Mistake] =
        [
            ("address: 0.0.0.0:9465", "20:20", "metrics.address must be on loopback, as it has no sign-in"),
            ("address: \"[::]:9465\"", "20:20", "metrics.address must be on loopback"),
            ("address: \"[::ffff:10.0.0.1]:9465\"", "20:20", "metrics.address must be on loopback"),
            ("address: localhost:9465", "20:20", "metrics.address must be ADDRESS:PORT"),
            ("address: 127.0.0.1", "20:20", "metrics.address must be ADDRESS:PORT"),
        ].map { ("idle_after: 12h", "metrics: {\($0.0)}", $0.1, $0.2) }
        + [
            ("to: syslog", "20:13", "audit.to must be log, file or none, but is \"syslog\""),
            ("to: file", "20:8", "audit.file is required where audit.to is file"),
            ("to: log, file: /a", "20:24", "audit.file is for a file only, but audit.to is \"log\""),
            ("mode: \"0600\"", "20:15", "audit.mode is for a file only, but audit.to is \"log\""),
            ("file: a.log", "20:15", "audit.file must be an absolute path, but is \"a.log\""),
            ("file: /a, mode: \"0644\"", "20:25", "audit.mode must be 0600 or 0640, but is \"0644\""),
            ("window: 0s", "20:17", "audit.window must be 1s to 1d"),
            ("window: 2d", "20:17", "audit.window must be 1s to 1d"),
        ].map { ("idle_after: 12h", "audit: {\($0.0)}", $0.1, $0.2) }

    @Test("Without a section the audit goes to the log, and metrics have no address")
    func watchingDefaults() throws {
        let settings = try load(Sample.configuration())
        #expect(settings.metricsAddress == nil && settings.audit.destination == .log)
        #expect(settings.audit.window == .seconds(300) && !settings.audit.namesAllProcesses)
        let text =
            Sample.configuration() + "\nmetrics: {address: \"[::1]:0\"}\naudit: {file: /var/log/a, mode: \"0640\"}\n"
        #expect(try load(text).metricsAddress == "[::1]:0")
        #expect(try load(text).audit.destination == .file(path: "/var/log/a", mode: 0o640))
        #expect(try load(Sample.configuration() + "\naudit: {to: none}\n").audit.destination == .none)
    }

    @Test(
        "A mistake is refused with file, line, setting and what is wrong",
        arguments: addresses + roles + listeners + callers + forms + watching)
    func refuses(_ mistake: Mistake) throws {
        let text = Sample.configuration().replacing(mistake.part, with: mistake.replacement, maxReplacements: 1)
        #expect(text != Sample.configuration())
        let fault = fault(text)
        #expect(fault.contains(mistake.mention), "\(fault)")
        let place = fault.prefix { $0 != " " }
        #expect(place == "d.yaml:\(mistake.place):", "\(fault)")
    }

    @Test(
        "What is unusual but right is taken",
        arguments: [
            ("https://broker.example.com", "http://127.0.0.1:8080/base/"),
            ("https://broker.example.com", "http://[::1]:8080"),
            ("https://broker.example.com", "HTTPS://broker.example.com:65535"),
            ("https://broker.example.com", "http://localhost"),
            ("duration: 1h", "duration: 15m"), ("duration: 1h", "duration: 43200s"),
            ("name: developer", "name: \"_+=,.@-Z9\""), ("\"127.0.0.1:0\"", "\"[::1]:9912\""),
            ("\"127.0.0.1:0\"", "\"0.0.0.0:65535\""),
            ("\"127.0.0.1:9912\"", "\"127.0.0.1:0\""), ("mode: \"0600\"", "mode: \"777\""),
            ("mode: \"0600\"", "mode: 0660"),
            ("/run/x/control.sock", "/\(String(repeating: "c", count: 106))"), ("user: ana", "user: 4294967294"),
            ("client_id: stsbroker", "client_id: c\n  scopes: [openid]"),
        ])
    func accepts(part: String, replacement: String) throws {
        let callers = "- {user: ana, roles: [readonly]}"
        let text = Sample.configuration(callers: callers)
        let changed = text.replacing(part, with: replacement, maxReplacements: 1)
        #expect(changed != text)
        _ = try load(changed)
    }

    @Test(
        "One user can't take all descriptors by default",
        arguments: [(1_048_576, 2048), (4096, 1024), (100, 25), (3, 1)])
    func connectionsPerUser(descriptors: UInt64, most: Int) {
        #expect(DaemonSettings.defaultConnectionsPerUser(descriptors: descriptors) == most)
    }

    @Test("Nobody, or nothing for somebody, is allowed and gives nothing")
    func emptyRules() throws {
        #expect(try load(Sample.configuration(callers: "[]")).callerRules.isEmpty)
        let rules = try load(Sample.configuration(callers: "- {user: ana, roles: [], listeners: []}")).callerRules
        #expect(rules.map(\.roles) == [[]])
        #expect(rules.map(\.listeners) == [[]])
        for list in ["roles", "listeners"] {
            let text = Sample.configuration().replacing(try Regex("\(list):\n(  - .*\n)+"), with: "\(list): []\n")
            #expect(fault(text).contains("\(list) must have at least one entry"), "\(fault(text))")
        }
    }

    @Test("The default role of all holds for the callers who may have it")
    func inheritedDefault() throws {
        let text = Sample.configuration(
            callers: "- {user: ana, roles: [readonly, developer]}\n  - {user: ben, roles: [readonly]}")
        let settings = try load(text + "\ndefault_role: developer\n")
        #expect(settings.callerRules.map(\.defaultRole) == ["developer", nil])
    }

    @Test("Variables override scalars, and a mistake in one is told by its name")
    func environment() throws {
        let variables = [
            "STSBROKERD_BROKER_URL": "http://127.0.0.1:1", "STSBROKERD_INSTANCE_ACCOUNT_ID": "012345678901",
            "STSBROKERD_DEFAULT_ROLE": "readonly", "STSBROKERD_IDLE_AFTER": "1m", "PATH": "/bin",
        ]
        let settings = try load(Sample.configuration(), environment: variables)
        #expect(settings.brokerURL == "http://127.0.0.1:1")
        #expect(settings.facts.accountID == "012345678901")
        #expect(settings.defaultRole == "readonly")
        #expect(settings.idleAfter == 60)
        for (name, value, mention) in [
            ("STSBROKERD_BROKER_URL", "http://b", "broker.url must be https"),
            ("STSBROKERD_IDLE_AFTER", "soon", "idle_after must be a length of time"),
            ("STSBROKERD_DEFAULT_ROLE", "admin", "default_role names no role"),
            ("STSBROKERD_INSTANCE_REGION", "a\nb", "instance.region must be"),
            ("STSBROKERD_BROKER_URI", "x", "names no setting"),
            ("STSBROKERD_ROLES", "x", "must be a list"),
        ] {
            let fault = fault(Sample.configuration(), environment: [name: value])
            #expect(fault.hasPrefix("environment variable \(name): ") && fault.contains(mention), "\(fault)")
        }
    }

    @Test("A file that can't be read is named", arguments: ["/nonexistent.yaml", "/tmp", ""])
    func unreadable(path: String) {
        let error = #expect(throws: InvalidYAML.self) {
            try DaemonSettings.load(path: path, environment: [:], users: FakeUsers())
        }
        #expect(error?.description.hasPrefix("\(path): can't be read") == true, "\(String(describing: error))")
    }
}

@Suite("Users of the machine")
struct SystemUsersTests {
    @Test(
        "Names and numbers are users, and nothing that only looks like one",
        arguments: [
            ("root", 0), ("0", 0), ("00012", 12), ("4294967294", 4_294_967_294), ("4294967295", nil),
            ("4294967296", nil),
            ("+0", nil), ("-0", nil), ("-1", nil), ("", nil), ("root\0", nil), ("root\0x", nil), ("no-such-user", nil),
            ("٣", nil),
        ] as [(String, UInt32?)])
    func users(name: String, expected: UInt32?) {
        #expect(SystemUsers().userID(of: name) == expected)
    }
}
