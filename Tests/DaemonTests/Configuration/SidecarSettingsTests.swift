import CredentialCache
import Glibc
import MetadataServer
import StrictYAML
import TestSupport
import Testing

@testable import Daemon

/// Settings that variables alone make, as a sidecar has them.
@Suite struct SidecarSettingsTests {
    private static let sidecar = [
        "STSBROKERD_BROKER_URL": "https://broker.example.com",
        "STSBROKERD_WORKLOAD_IDENTITY_TOKEN_FILE": "/var/run/secrets/stsbroker/token",
        "STSBROKERD_ROLES": "[{name: app, policy: app, duration: 1h}]",
        "STSBROKERD_LISTENERS": #"[{"name": "app", "face": "container", "address": "127.0.0.1:9912"}]"#,
        "STSBROKERD_CALLERS": #"[{user: "1000", roles: [app]}]"#,
        "PATH": "/bin",
    ]

    private func fault(_ change: [String: String?]) -> String {
        var variables = Self.sidecar
        for (name, value) in change { variables[name] = value }
        do throws(InvalidYAML) {
            return "accepted: \(try DaemonSettings.load(path: nil, environment: variables, users: FakeUsers()))"
        } catch {
            return error.description
        }
    }

    @Test func `variables are enough, and everybody acts for the workload`() throws {
        let settings = try DaemonSettings.load(
            path: nil, environment: Self.sidecar.merging(["STSBROKERD_SHUTDOWN_DELAY": "20s"]) { $1 },
            users: FakeUsers())
        #expect(settings.identity == .workload(tokenFile: "/var/run/secrets/stsbroker/token"))
        #expect(settings.roles.map(\.durationSeconds) == [3600])
        #expect(settings.listeners.map(\.address) == ["127.0.0.1:9912"])
        #expect(settings.callerRules.map(\.user) == [1000])
        #expect(settings.callerRules.map(\.principal) == [.localUser(geteuid())])
        #expect(settings.controlSocket == "/run/stsbrokerd/control.sock")
        #expect(settings.tokenDirectory == "/run/stsbrokerd/tokens")
        #expect(settings.shutdownDelay == .seconds(20))
    }

    @Test func `addresses elsewhere need no principal, for there is only one`() throws {
        let variables = Self.sidecar.merging(
            ["STSBROKERD_CALLERS": "[{network: 172.17.0.2, roles: [app]}]"]) { $1 }
        let settings = try DaemonSettings.load(path: nil, environment: variables, users: FakeUsers())
        #expect(settings.callerRules.map(\.principal) == [.localUser(geteuid())])
    }

    @Test(arguments: [
        (
            "STSBROKERD_BROKER_URL", nil,
            "environment: the document lacks the key \"broker\"; no variable STSBROKERD_BROKER or STSBROKERD_BROKER_… is set"
        ),
        (
            "STSBROKERD_ROLES", nil,
            "environment: the document lacks the key \"roles\"; no variable STSBROKERD_ROLES or STSBROKERD_ROLES_… is set"
        ),
        ("STSBROKERD_WORKLOAD_IDENTITY_TOKEN_FILE", nil, "environment: identity_provider is missing: name where"),
        (
            "STSBROKERD_WORKLOAD_IDENTITY_TOKEN_FILE", "token",
            "environment variable STSBROKERD_WORKLOAD_IDENTITY_TOKEN_FILE: workload_identity.token_file must be an absolute"
        ),
        (
            "STSBROKERD_STATE_DIRECTORY", "/s",
            "environment variable STSBROKERD_STATE_DIRECTORY: state_directory is for people's"
        ),
        (
            "STSBROKERD_SHUTDOWN_DELAY", "2h",
            "environment variable STSBROKERD_SHUTDOWN_DELAY: shutdown_delay must be 0s to 1h"
        ),
        ("STSBROKERD_ROLES", "[{name: app", "environment variable STSBROKERD_ROLES:2:1: is not YAML"),
        ("STSBROKERD_ROLES", "{name: app}", "environment variable STSBROKERD_ROLES: roles must be a list"),
        ("STSBROKERD_ROLES", "", "environment variable STSBROKERD_ROLES: roles must be a list"),
        (
            "STSBROKERD_ROLES", "[{name: a/b, policy: app}]",
            "environment variable STSBROKERD_ROLES: roles[0].name must be 1 to 64"
        ),
        (
            "STSBROKERD_ROLES", "[{name: app, polcy: app}]",
            "environment variable STSBROKERD_ROLES: roles[0] has an unknown key \"polcy\""
        ),
        (
            "STSBROKERD_CALLERS", #"[{user: "1000", roles: "[app]"}]"#,
            "environment variable STSBROKERD_CALLERS: callers[0].roles must be a list"
        ),
        (
            "STSBROKERD_CALLERS", "[{roles: [app]}]",
            "environment variable STSBROKERD_CALLERS: callers[0] must have a user"
        ),
        (
            "STSBROKERD_CALLERS", "[{user: ana, principal: ben, roles: [app]}]",
            "environment variable STSBROKERD_CALLERS: callers[0].principal can't be there beside workload_identity"
        ),
        ("STSBROKERD_PORT", "tcp://10.0.0.1:80", "environment variable STSBROKERD_PORT: names no setting"),
    ])
    func `a mistake is told by the variable and the key`(name: String, value: String?, expected: String) {
        let fault = fault([name: value])
        #expect(fault.hasPrefix(expected), "\(fault)")
    }

    @Test func `people and a workload exclude each other`() {
        let fault = fault([
            "STSBROKERD_IDENTITY_PROVIDER_ISSUER": "https://login.example.com",
            "STSBROKERD_IDENTITY_PROVIDER_CLIENT_ID": "c",
        ])
        #expect(fault.contains("workload_identity can't be there beside identity_provider"), "\(fault)")
    }

    @Test func `a file that is there, or chosen, counts; without it, variables do, if there are any`() throws {
        try TemporaryFolder.with { folder in
            let usual = folder.file("usual.yaml")
            func name(chosen: String? = nil, _ environment: [String: String] = Self.sidecar) -> String {
                SettingsSource(chosen: chosen, usual: usual, environment: environment, users: FakeUsers()).name
            }
            #expect(name() == "environment")
            #expect(name(chosen: "/x.yaml") == "/x.yaml")
            #expect(name(["PATH": "/bin"]) == usual)
            try folder.write("usual.yaml", "")
            #expect(name() == usual)
        }
    }
}
