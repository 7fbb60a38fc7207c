import CredentialCache
import Credentials
import Cryptography
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Daemon

@Suite("Defect A11: sign-ins at rest") struct SignInFilesTests {
    private static let key = StateKey(source: .file, material: Array(repeating: 7, count: 32))
    private let time = ManualTime()

    private func files(_ folder: StateFolder, key: StateKey = key, issuer: String = Sample.issuer) -> SignInFiles {
        SignInFiles(folder: folder, key: key, issuer: issuer, clientID: "stsbroker", logger: Sample.quiet)
    }

    private func session(_ name: String = "ana") throws -> SignInSession {
        try SignInSession(
            idToken: Sample.idToken(name, expiring: time.now.addingTimeInterval(3600)),
            refreshToken: Secret("refresh-of-\(name)"))
    }

    private func inFolder(_ body: (StateFolder) throws -> Void) throws {
        try TemporaryFolder.with { folder throws in try body(StateFolder(path: folder.file("state"))) }
    }

    /// What a file held before refresh tokens had ends.
    private struct OlderSignIn: Encodable {
        var provider = ["issuer": Sample.issuer, "clientID": "stsbroker"]
        var idToken: String
        var refreshToken = "r"
    }

    private func mode(_ path: String) throws -> mode_t {
        var facts = stat()
        try #require(lstat(path, &facts) == 0, "\(path) is missing")
        return facts.st_mode & 0o7777
    }

    @Test func `defect A11: each user's sign-in outlives the daemon, and nobody can read it on disk`() throws {
        try inFolder { folder in
            files(folder).keep(try session("ana"), of: Sample.ana)
            files(folder).keep(try session("ben"), of: Sample.ben)
            let loaded = files(folder).load()
            #expect(
                loaded[Sample.ana]?.refreshToken == Secret("refresh-of-ana") && loaded[Sample.ana]?.displayName == "ana"
            )
            #expect(loaded[Sample.ben]?.refreshToken == Secret("refresh-of-ben") && loaded.count == 2)
            for name in folder.names where name.hasSuffix(".sign-in") {
                let bytes = try Data(contentsOf: URL(filePath: "\(folder.path)/\(name)"))
                #expect(bytes.range(of: Data("refresh-of".utf8)) == nil && bytes.range(of: Data("eyJ".utf8)) == nil)
                #expect(try mode("\(folder.path)/\(name)") == 0o600)
            }
            #expect(try mode(folder.path) == 0o700)
            files(folder).forget(Sample.ana)
            files(folder).forget(Sample.ana)
            #expect(files(folder).load().keys.map(\.userID) == [Sample.ben.userID])
        }
    }

    @Test func `the end of a refresh token is kept, and a file of an older version, which has none, is read`() throws {
        try inFolder { folder in
            let idToken = Sample.idToken("ana", expiring: time.now + 60)
            let ana = try SignInSession(
                idToken: idToken, refreshToken: Secret("r"), refreshTokenEnd: time.now + 1800.5)
            files(folder).keep(ana, of: Sample.ana)
            try SealedFolder(folder: folder, key: Self.key.signIns, header: "stsbrokerd sign-in 1\n").write(
                OlderSignIn(idToken: idToken.revealed()), to: SignInFiles.file(ofUser: Sample.ben.userID),
                context: "uid \(Sample.ben.userID)")
            let loaded = files(folder).load()
            #expect(loaded[Sample.ana]?.refreshTokenEnd == time.now + 1800.5)
            #expect(loaded[Sample.ben]?.refreshToken == Secret("r"))
            #expect(loaded[Sample.ben]?.refreshTokenEnd == nil)
        }
    }

    @Test func `defect A11: one user's file is good for no other user, even under their name`() throws {
        try inFolder { folder in
            files(folder).keep(try session(), of: Sample.ana)
            let (own, other) = (
                SignInFiles.file(ofUser: Sample.ana.userID), SignInFiles.file(ofUser: Sample.ben.userID)
            )
            rename("\(folder.path)/\(own)", "\(folder.path)/\(other)")
            #expect(files(folder).load().isEmpty)
            #expect(folder.names.contains("\(other).unusable"))
        }
    }

    @Test(arguments: ["key", "issuer", "byte", "short", "magic", "empty"])
    func `defect A11: what was changed, or sealed elsewhere, is refused and set aside`(what: String) throws {
        try inFolder { folder in
            let name = SignInFiles.file(ofUser: Sample.ana.userID)
            let path = URL(filePath: "\(folder.path)/\(name)")
            files(folder).keep(try session(), of: Sample.ana)
            var bytes = try Data(contentsOf: path)
            switch what {
            case "byte": bytes[bytes.count - 20] ^= 1
            case "short": bytes.removeLast(1)
            case "magic": bytes[0] ^= 1
            case "empty": bytes = Data()
            default: break
            }
            try bytes.write(to: path)
            chmod(path.path, 0o600)
            let key = what == "key" ? StateKey(source: .file, material: Array(repeating: 8, count: 32)) : Self.key
            let reader = files(folder, key: key, issuer: what == "issuer" ? "https://other.example" : Sample.issuer)
            #expect(reader.load().isEmpty)
            #expect(folder.names.contains("\(name).unusable") && !folder.names.contains(name))
            // And is in nobody's way.
            files(folder).keep(try session("new"), of: Sample.ana)
            #expect(files(folder).load()[Sample.ana]?.displayName == "new")
        }
    }

    @Test(arguments: ["link", "hard link", "readable", "pipe", "folder"])
    func `defect A11: what is not the daemon's own plain file is refused`(what: String) throws {
        try inFolder { folder in
            files(folder).keep(try session(), of: Sample.ana)
            let path = "\(folder.path)/\(SignInFiles.file(ofUser: Sample.ana.userID))"
            let aside = "\(folder.path)/aside"
            switch what {
            case "link":
                rename(path, aside)
                symlink(aside, path)
            case "hard link": link(path, aside)
            case "readable": chmod(path, 0o644)
            case "pipe":
                unlink(path)
                mkfifo(path, 0o600)
            default:
                unlink(path)
                mkdir(path, 0o700)
            }
            #expect(files(folder).load().isEmpty)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `defect A11: another user's file or directory is refused`() throws {
        try inFolder { folder in
            files(folder).keep(try session(), of: Sample.ana)
            chown("\(folder.path)/\(SignInFiles.file(ofUser: Sample.ana.userID))", 65_534, 65_534)
            #expect(files(folder).load().isEmpty)
            chown(folder.path, 65_534, 65_534)
            #expect(throws: StateFault.self) { try StateFolder(path: folder.path) }
        }
    }

    @Test func `defect A11: a state directory that is a link, or open to others, is refused`() throws {
        try TemporaryFolder.with { folder throws in
            let (open, link) = (folder.file("open"), folder.file("link"))
            mkdir(open, 0o700)
            chmod(open, 0o750)
            #expect(throws: StateFault.self) { try StateFolder(path: open) }
            chmod(open, 0o700)
            symlink(open, link)
            #expect(throws: StateFault.self) { try StateFolder(path: link) }
            #expect(throws: StateFault.self) { try StateFolder(path: link + "/") }
            #expect(throws: Never.self) { try StateFolder(path: open + "/") }
        }
    }

    @Test func `a lock is kept for its user, and goes`() throws {
        try inFolder { folder in
            files(folder).keepLocked(true, Sample.ana)
            #expect(files(folder).loadLocked() == [Sample.ana] && files(folder).load().isEmpty)
            files(folder).keepLocked(false, Sample.ana)
            #expect(files(folder).loadLocked().isEmpty)
        }
    }
}

@Suite("State key") struct StateKeyTests {
    private func found(
        _ folder: TemporaryFolder, _ environment: [String: String] = [:], keyring: [UInt8]? = nil
    ) throws -> StateKey {
        try StateKey.found(in: StateFolder(path: folder.file("state")), environment: environment) { keyring }
    }

    /// Whether what one seals is opened by the other.
    private func isSame(_ one: StateKey, _ other: StateKey) -> Bool {
        let sealed = Array("x".utf8).withUnsafeBytes { one.signIns.seal($0, context: "c") } ?? []
        return other.signIns.open(sealed, context: "c") { Array($0) } == Array("x".utf8)
    }

    @Test func `systemd's credential comes before the keyring, and that before the file`() throws {
        try TemporaryFolder.with { folder throws in
            let ring = [UInt8](repeating: 1, count: 32)
            let environment = ["CREDENTIALS_DIRECTORY": folder.file("credentials")]
            #expect(try found(folder, environment, keyring: ring).source == .keyring)
            #expect(!FileManager.default.fileExists(atPath: folder.file("state/key")))
            mkdir(folder.file("credentials"), 0o700)
            try Data(repeating: 2, count: 32).write(to: URL(filePath: folder.file("credentials/stsbrokerd-key")))
            #expect(try found(folder, environment, keyring: ring).source == .credential)
            #expect(try found(folder).source == .file)
        }
    }

    @Test func `the file is made once, and is for the daemon only`() throws {
        try TemporaryFolder.with { folder throws in
            let first = try found(folder)
            #expect(try isSame(found(folder), first))
            var facts = stat()
            #expect(stat(folder.file("state/key"), &facts) == 0 && facts.st_mode & 0o7777 == 0o600)
            chmod(folder.file("state/key"), 0o644)
            #expect(throws: StateFault.self) { try found(folder) }
        }
    }

    @Test func `too short a key is refused and not passed over`() throws {
        try TemporaryFolder.with { folder throws in
            #expect(throws: StateFault.self) { try found(folder, keyring: [1, 2, 3]) }
            mkdir(folder.file("credentials"), 0o700)
            try Data([1]).write(to: URL(filePath: folder.file("credentials/stsbrokerd-key")))
            #expect(throws: StateFault.self) {
                try found(folder, ["CREDENTIALS_DIRECTORY": folder.file("credentials")])
            }
        }
    }

    @Test func `the kernel's keyring answers, with a key or without`() {
        // Where there is none, or no such service, that is no error.
        #expect(KernelKeyring.secret().map { $0.count <= 4096 } ?? true)
    }
}
