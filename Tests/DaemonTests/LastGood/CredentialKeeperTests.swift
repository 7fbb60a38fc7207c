import CredentialCache
import Credentials
import Foundation
import Glibc
import MetadataServer
import TestSupport
import Testing

@testable import Daemon

@Suite("Credentials that outlive the daemon") struct CredentialKeeperTests {
    private static let brokerURL = "https://broker.example.com"
    private static let stateKey = StateKey(source: .file, material: Array(repeating: 7, count: 32))
    private let time = ManualTime()
    private let role = OfferedRole(name: "dev", policy: "developer", durationSeconds: 3600)
    private let key = CredentialKey(principal: Sample.ana, role: "dev")

    private func credentials(_ id: String = "ASIAKEPT") throws -> SessionCredentials {
        SessionCredentials(
            accessKeyID: id, secretAccessKey: Secret("secret"), sessionToken: Secret("token"),
            expiration: time.now.addingTimeInterval(3600), issuedAt: time.now,
            roleARN: try RoleARN("arn:aws:iam::111122223333:role/Dev"))
    }

    private func keeper(
        _ folder: StateFolder, brokerURL: String = brokerURL,
        issued: IssuedGrants = IssuedGrants()
    ) throws -> CredentialKeeper {
        let (time, role) = (time, role)
        return CredentialKeeper(
            files: try CredentialFiles(folder: folder, key: Self.stateKey, binding: .boot), brokerURL: brokerURL,
            issued: issued, role: { $0.role == role.name ? role : nil }, logger: Sample.quiet, now: { time.now })
    }

    /// Has a keeper write what happens in `body`, and waits until it has.
    private func keeping(
        _ folder: StateFolder, issued: IssuedGrants = IssuedGrants(), _ body: (CredentialKeeper) throws -> Void
    ) async throws {
        let keeper = try keeper(folder, issued: issued)
        try body(keeper)
        keeper.finish()
        await keeper.run()
    }

    private func signIns(signedIn: Bool = true) async throws -> SignInStore {
        let time = time
        let store = SignInStore(provider: FakeProvider(), now: { time.now }, logger: Sample.quiet)
        if signedIn {
            try await store.signIn(
                Sample.ana, idToken: Sample.idToken(expiring: time.now.addingTimeInterval(7200)), refreshToken: nil)
        }
        return store
    }

    /// Whether a daemon that starts with `keeper` serves something.
    private func isRestored(
        by keeper: CredentialKeeper, signIns: SignInStore? = nil, offered: OfferedRole?? = .none
    ) async throws -> Bool {
        let cache = Sample.cache()
        let store = if let signIns { signIns } else { try await self.signIns() }
        let offered = offered ?? role
        await keeper.restore(into: cache, signIns: store) { kept, _ in kept == offered }
        if case .usable = cache.lookup(key, now: time.now) { return true }
        return false
    }

    @Test func `what was held is served after a start, and its grant is watched`() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try StateFolder(path: temporary.file("state"))
            let (before, after) = (IssuedGrants(), IssuedGrants())
            before.note("r1", for: key, until: time.now.addingTimeInterval(3600))
            try await keeping(folder, issued: before) { $0.note(key, try credentials()) }
            #expect(try await isRestored(by: keeper(folder, issued: after)))
            #expect(after.requestID(of: key) == "r1")
            for name in folder.names {
                let bytes = try Data(contentsOf: URL(filePath: "\(folder.path)/\(name)"))
                #expect(bytes.range(of: Data("ASIAKEPT".utf8)) == nil)
            }
        }
    }

    @Test func `what was dropped, or has expired, is gone from disk`() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try StateFolder(path: temporary.file("state"))
            try await keeping(folder) { keeper in
                keeper.note(key, try credentials())
                keeper.note(key, nil)
            }
            #expect(folder.names.isEmpty)
            try await keeping(folder) { $0.note(key, try credentials()) }
            time.jumpWallClock(by: 3600)
            #expect(try await !isRestored(by: keeper(folder)))
            try await keeping(folder) { $0.note(CredentialKey(principal: Sample.ana, role: "other"), nil) }
            #expect(folder.names.isEmpty)
        }
    }

    @Test(arguments: ["policy", "broker", "rule", "sign-in", "lock", "clock"])
    func `what means something else now is not served`(what: String) async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try StateFolder(path: temporary.file("state"))
            try await keeping(folder) { $0.note(key, try credentials()) }
            let store = try await signIns(signedIn: what != "sign-in")
            if what == "lock" { await store.setLocked(true, Sample.ana) }
            if what == "clock" { time.jumpWallClock(by: -60) }
            let other = OfferedRole(name: "dev", policy: "administrator", durationSeconds: 3600)
            let keeper = try keeper(
                folder, brokerURL: what == "broker" ? "https://other.example.com" : Self.brokerURL)
            let offered: OfferedRole? = what == "rule" ? nil : what == "policy" ? other : role
            #expect(try await !isRestored(by: keeper, signIns: store, offered: .some(offered)))
        }
    }

    @Test(arguments: ["byte", "user", "boot"])
    func `what was changed, or is another's, is refused and out of the way`(what: String) async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try StateFolder(path: temporary.file("state"))
            try await keeping(folder) { $0.note(key, try credentials()) }
            let (own, other) = ("\(Sample.ana.userID).credentials", "\(Sample.ben.userID).credentials")
            var bytes = try Array(Data(contentsOf: URL(filePath: "\(folder.path)/\(own)")))
            switch what {
            case "byte": bytes[bytes.count - 20] ^= 1
            // A hexadecimal digit of the first line, which is in the clear.
            case "boot": bytes[try #require(bytes.firstIndex(of: UInt8(ascii: "\n"))) - 1] ^= 1
            default: break
            }
            try folder.remove(own)
            try folder.write(bytes, to: what == "user" ? other : own)
            #expect(try await !isRestored(by: keeper(folder)))
            #expect(!folder.names.contains(own) && !folder.names.contains(other))
        }
    }
}
