import Credentials
import FoundationEssentials
import Glibc
import Logging
import MetadataServer
import OIDC
import TestSupport
import Testing

@testable import CredentialCache
@testable import Daemon

@Suite("Reload")
struct SettingsReloadTests {
    /// A daemon whose configuration file a test rewrites; its listeners are not opened.
    private struct Bench {
        let folder: TemporaryFolder
        let log = LogLines()
        let cache = Sample.cache()
        let current: CurrentSettings
        let reload: SettingsReload
        static let now: @Sendable () -> Date = { Date(timeIntervalSince1970: 1_800_000_000) }

        init(_ folder: TemporaryFolder) throws {
            self.folder = folder
            try folder.write("stsbrokerd.yaml", Self.text(folder))
            let source = SettingsSource(path: folder.file("stsbrokerd.yaml"), environment: [:], users: FakeUsers())
            current = CurrentSettings(try source.load())
            let signIns = SignInStore(provider: FakeProvider(), now: Self.now, logger: log.logger)
            let listeners = ListenerService(
                settings: current, callers: CallerState(), signIns: signIns, cache: cache, logger: log.logger,
                now: Self.now)
            reload = SettingsReload(
                source: source, current: current, listeners: listeners, cache: cache, logger: log.logger, now: Self.now)
        }

        static func text(_ folder: TemporaryFolder, callers: String = "- {user: \(geteuid()), roles: [readonly]}")
            -> String
        {
            Sample.configuration(
                controlSocket: folder.file("control.sock"), tokenDirectory: folder.file("tokens"), callers: callers)
        }

        func rewrite(_ change: (String) -> String) throws {
            try folder.write("stsbrokerd.yaml", change(Self.text(folder)))
            reload.reload()
        }
    }

    @Test("Roles, callers, scopes, facts and metadata change at once")
    func changes() throws {
        try TemporaryFolder.with { folder in
            let bench = try Bench(folder)
            try bench.rewrite { text in
                text.replacing("policy: read-policy", with: "policy: other-policy")
                    .replacing("roles: [readonly]}", with: "roles: [developer]}")
                    .replacing("region: eu-central-1", with: "region: eu-west-1")
            }
            #expect(bench.log.lines.contains { $0.contains("configuration reloaded") })
            #expect(bench.current.value.roles.map(\.policy) == ["dev-policy", "other-policy"])
            #expect(bench.current.value.callerRules.map(\.roles) == [["developer"]])
            #expect(bench.current.value.facts.region == "eu-west-1")
        }
    }

    @Test("A file that can't be used changes nothing, and the log says where it is wrong")
    func badFile() throws {
        try TemporaryFolder.with { folder in
            let bench = try Bench(folder)
            try bench.rewrite { $0.replacing("idle_after:", with: "idle:") }
            #expect(
                bench.log.lines.contains {
                    $0.contains("not reloaded") && $0.contains("/stsbrokerd.yaml:") && $0.contains("idle")
                },
                "\(bench.log.lines)")
            #expect(bench.current.value.callerRules.count == 1)
        }
    }

    @Test("A file that was changed is read once it rests, and a file that is gone changes nothing")
    func watch() async throws {
        try await TemporaryFolder.with { folder in
            let bench = try Bench(folder)
            let clock = TestClock()
            let watching = Task { await bench.reload.watch(clock) }
            func look() async throws {
                try await clock.sleepers(1)
                clock.advance(by: FileChange.pause)
            }
            try await look()
            try await clock.sleepers(1)
            try folder.write("stsbrokerd.yaml", Bench.text(folder).replacing("eu-central-1", with: "eu-west-1"))
            try await look()
            try await clock.sleepers(1)
            #expect(bench.current.value.facts.region == "eu-central-1")
            try await look()
            try await clock.sleepers(1)
            #expect(bench.current.value.facts.region == "eu-west-1")
            unlink(folder.file("stsbrokerd.yaml"))
            for _ in 0..<3 { try await look() }
            #expect(bench.log.lines.count { $0.contains("reloaded") } == 1)
            watching.cancel()
            await watching.value
        }
    }

    @Test("What takes a restart is left as it is, and named")
    func fixed() throws {
        try TemporaryFolder.with { folder in
            let bench = try Bench(folder)
            let before = bench.current.value
            try bench.rewrite { text in
                text.replacing("broker.example.com", with: "other.example.com").replacing("12h", with: "1h")
                    .replacing("127.0.0.1:9912", with: "127.0.0.1:9913")
            }
            #expect(bench.current.value.brokerURL == before.brokerURL)
            #expect(bench.current.value.listeners == before.listeners)
            for key in ["broker.url", "listeners", "idle_after"] {
                #expect(bench.log.lines.contains { $0.contains("takes a restart") && $0.contains(key) }, "\(key)")
            }
        }
    }

    @Test("Credentials of a role that means something else, or that nobody may have any more, are forgotten")
    func forgets() throws {
        try TemporaryFolder.with { folder in
            let bench = try Bench(folder)
            let own = Principal.localUser(geteuid())
            let (kept, gone) = (
                CredentialKey(principal: own, role: "readonly"), CredentialKey(principal: own, role: "developer")
            )
            for key in [kept, gone] { try hold(key, in: bench) }
            try bench.rewrite { $0.replacing("policy: dev-policy", with: "policy: another") }
            #expect(isHeld(kept, in: bench))
            #expect(!isHeld(gone, in: bench))
            try bench.rewrite { $0.replacing("roles: [readonly]}", with: "roles: [developer]}") }
            #expect(!isHeld(kept, in: bench))
        }
    }

    @Test("A new user gets a token file, and one who has gone loses theirs", .enabled(if: geteuid() == 0, "needs root"))
    func users() throws {
        try TemporaryFolder.with { folder in
            let bench = try Bench(folder)
            try bench.rewrite {
                $0.replacing("roles: [readonly]}", with: "roles: [readonly]}\n  - {user: ben, roles: [readonly]}")
            }
            #expect(access(folder.file("tokens/1001"), F_OK) == 0)
            try bench.rewrite { $0 }
            #expect(access(folder.file("tokens/1001"), F_OK) != 0)
        }
    }

    private func hold(_ key: CredentialKey, in bench: Bench) throws {
        let now = Bench.now()
        _ = bench.cache.lookup(key, now: now)
        let attempt = try #require(bench.cache.startDueAttempts(now: now).first)
        let credentials = SessionCredentials(
            accessKeyID: "ASIAEXAMPLE", secretAccessKey: Secret("s"), sessionToken: Secret("t"),
            expiration: now.addingTimeInterval(3600), issuedAt: now,
            roleARN: try RoleARN("arn:aws:iam::111122223333:role/r"))
        bench.cache.attemptEnded(attempt, .success(credentials), now: now)
        #expect(isHeld(key, in: bench))
    }

    private func isHeld(_ key: CredentialKey, in bench: Bench) -> Bool {
        if case .usable = bench.cache.lookup(key, now: Bench.now()) { true } else { false }
    }
}
