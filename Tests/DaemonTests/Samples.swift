import CredentialCache
import Credentials
import Daemon
import Foundation
import Logging
import MetadataServer
import OIDC
import TestSupport

/// A machine with three users.
struct FakeUsers: UserDirectory {
    static let names: [String: UInt32] = ["root": 0, "ana": 1000, "ben": 1001]

    func userID(of name: String) -> UInt32? { Self.names[name] ?? UInt32(name) }

    func groupID(of name: String) -> UInt32? { ["developers": 2000][name] ?? UInt32(name) }
}

enum Sample {
    static let ana = Principal.localUser(1000)
    static let ben = Principal.localUser(1001)
    static let issuer = "https://login.example.com"

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A token that says what it is told, signed by nobody.
    static func idToken(_ name: String = "ana@example.com", expiring date: Date) -> Secret {
        let claims = #"{"sub":"\#(name)","email":"\#(name)","exp":\#(Int(date.timeIntervalSince1970))}"#
        return Secret("\(base64URL(#"{"alg":"none"}"#)).\(base64URL(claims)).AA")
    }

    private static func base64URL(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
    }

    static func configuration(
        controlSocket: String = "/run/x/control.sock", tokenDirectory: String = "/run/x/tokens",
        callers: String =
            "- {user: ana, roles: [developer, readonly], default_role: readonly}\n  - {user: ben, roles: [readonly]}"
    ) -> String {
        """
        broker:
          url: https://broker.example.com
        identity_provider:
          issuer: https://login.example.com
          client_id: stsbroker
        instance:
          region: eu-central-1
        roles:
          - {name: developer, policy: dev-policy, duration: 1h}
          - {name: readonly, policy: read-policy}
        listeners:
          - {name: imds, face: imds, address: "127.0.0.1:0"}
          - {name: containers, face: container, address: "127.0.0.1:9912"}
          - {name: sockets, face: container, unix: /run/x/c.sock, mode: "0600"}
        callers:
          \(callers)
        control_socket: \(controlSocket)
        token_directory: \(tokenDirectory)
        idle_after: 12h
        """
    }

    /// Settings of the text above.
    static func settings(_ text: String = configuration()) throws -> DaemonSettings {
        try TemporaryFolder.with { folder in
            let file = folder.file("stsbrokerd.yaml")
            try Data(text.utf8).write(to: URL(filePath: file))
            return try DaemonSettings.load(path: file, environment: [:], users: FakeUsers())
        }
    }

    /// Good for an hour.
    static func credentials(issuedAt instant: Date = Date(timeIntervalSince1970: 1_800_000_000)) throws
        -> SessionCredentials
    {
        SessionCredentials(
            accessKeyID: "ASIAIOSFODNN7EXAMPLE", secretAccessKey: Secret("secret"), sessionToken: Secret("token"),
            expiration: instant + 3600, issuedAt: instant,
            roleARN: try RoleARN("arn:aws:iam::123456789012:role/sample"))
    }

    static func cache() -> CredentialCache {
        CredentialCache(logger: quiet) { PreparedCredentials($0, lastUpdated: $1) }
    }
}

/// Gives everybody the sample credentials.
struct SampleIssuer: CredentialIssuer {
    func issue(_ key: CredentialKey) async throws(IssueFailure) -> SessionCredentials {
        guard let credentials = try? Sample.credentials() else { throw IssueFailure(.roleNotFound) }
        return credentials
    }
}

/// A folder of the test's own, short enough for sockets.
struct TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/stsbrokerd-\(UUID().uuidString.prefix(12))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o711])
    }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: file(name)))
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    static func with<Value>(_ body: (TemporaryFolder) throws -> Value) throws -> Value {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        return try body(folder)
    }

    static func with<Value>(_ body: (TemporaryFolder) async throws -> Value) async throws -> Value {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        return try await body(folder)
    }
}
