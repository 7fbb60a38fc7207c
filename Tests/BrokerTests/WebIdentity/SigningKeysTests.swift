import AWSAPI
import Credentials
import Foundation
import Logging
import TestSupport
import Testing

@testable import Broker

@Suite struct SigningKeysTests {
    /// A key file in a folder of its own.
    private final class Bench: Sendable {
        let time = ManualTime()
        let folder: URL
        var path: String { folder.appending(path: "keys").path }

        init() throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func keys() throws -> SigningKeys {
            try SigningKeys(
                SigningKeyFile(path: path), schedule: KeySchedule(period: 30 * 86_400), now: { [time] in time.now })
        }

        func issuer(_ keys: SigningKeys, url: String = "https://broker.example.com") -> WebIdentityIssuer {
            WebIdentityIssuer(
                issuer: url, audience: "sts.amazonaws.com", keys: keys, now: { [time] in time.now })
        }
    }

    private static func input(identity: String? = "developer") throws -> AssumeRoleInput {
        try AssumeRoleInput(
            roleARN: try RoleARN("arn:aws:iam::111122223333:role/Reader"), roleSessionName: "developer",
            durationSeconds: 43_200,
            tags: [SessionTag(key: "team", value: "a b"), SessionTag(key: "stage", value: "dev")],
            transitiveTagKeys: ["team"], sourceIdentity: identity)
    }

    private static func claimNames(of token: Secret) throws -> Set<String> {
        let payload = String(try #require(token.revealed().split(separator: ".").dropFirst().first))
        var text = payload.replacing("-", with: "+").replacing("_", with: "/")
        while text.utf8.count % 4 != 0 { text += "=" }
        let data = try #require(Data(base64Encoded: text))
        let claims = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        return Set(claims.keys)
    }

    private struct Judged: Decodable {
        let header: [String: String]
        let claims: Claims

        struct Claims: Decodable {
            let iss, sub, aud, jti: String
            let iat, exp: Int
            let tags: Tags
            let sourceIdentity: String

            enum CodingKeys: String, CodingKey {
                case iss, sub, aud, jti, iat, exp
                case tags = "https://aws.amazon.com/tags"
                case sourceIdentity = "https://aws.amazon.com/source_identity"
            }
        }

        struct Tags: Decodable, Equatable {
            let principalTags: [String: [String]]
            let transitiveTagKeys: [String]

            enum CodingKeys: String, CodingKey {
                case principalTags = "principal_tags"
                case transitiveTagKeys = "transitive_tag_keys"
            }
        }
    }

    private struct Question: Encodable {
        let token: String
        let keys: [JSONWebKey]
    }

    @Test func `a token verifies elsewhere by the published key, and says what AWS reads`() async throws {
        let bench = try Bench()
        let keys = try bench.keys()
        let token = try bench.issuer(keys).token(for: try Self.input(), subject: "policy:reader")
        let judged = try await PythonEnvironment.run(
            try PythonEnvironment.script("verified_jwt.py", of: #filePath),
            input: Question(token: token.revealed(), keys: keys.published), as: Judged.self)
        #expect(judged.header == ["alg": "RS256", "typ": "JWT", "kid": keys.published[0].kid])
        let claims = judged.claims
        #expect(claims.iss == "https://broker.example.com" && claims.sub == "policy:reader")
        #expect(claims.aud == "sts.amazonaws.com" && claims.sourceIdentity == "developer")
        #expect(claims.iat == 1_800_000_000 && claims.exp == claims.iat + 300)
        #expect(claims.tags.principalTags == ["team": ["a b"], "stage": ["dev"]])
        #expect(claims.tags.transitiveTagKeys == ["team"])
        let another = try bench.issuer(keys).token(for: try Self.input(), subject: "policy:reader")
        #expect(another != token, "each has a jti of its own")
    }

    @Test func `a token has no source identity if the call has none, and all the rest`() throws {
        let bench = try Bench()
        let issuer = bench.issuer(try bench.keys())
        let (with, without) = (try Self.input(), try Self.input(identity: nil))
        let all = try Self.claimNames(of: try issuer.token(for: with, subject: "policy:reader"))
        let rest = try Self.claimNames(of: try issuer.token(for: without, subject: "policy:reader"))
        #expect(all.subtracting(rest) == ["https://aws.amazon.com/source_identity"])
        #expect(rest.isSubset(of: all) && rest.contains("https://aws.amazon.com/tags"))
    }

    @Test func `keys survive a restart, and their file is the server's alone`() throws {
        let bench = try Bench()
        let published = try bench.keys().published
        #expect(try bench.keys().published == published)
        let mode = try FileManager.default.attributesOfItem(atPath: bench.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.folder.path) == ["keys"])
    }

    @Test func `a new key is published a day before it signs, and the old one stays a day after it has`() throws {
        let bench = try Bench()
        let keys = try bench.keys()
        let first = keys.published
        func kid() throws -> String? {
            let token = try bench.issuer(keys).token(for: try Self.input(), subject: "policy:reader").revealed()
            let header = try #require(
                Data(base64Encoded: token.prefix { $0 != "." } + "==")
                    ?? Data(base64Encoded: token.prefix { $0 != "." } + "="))
            return (try JSONSerialization.jsonObject(with: header) as? [String: String])?["kid"]
        }
        bench.time.clock.advance(by: .seconds(29 * 86_400))
        let added = try keys.rotate().added
        #expect(keys.published.map(\.kid) == [first[0].kid] + added && added.count == 1)
        #expect(try kid() == first[0].kid)
        bench.time.clock.advance(by: .seconds(86_400))
        #expect(try kid() == added.first)
        #expect(try keys.rotate().dropped == [] && keys.published.count == 2)
        bench.time.clock.advance(by: .seconds(86_400))
        #expect(try keys.rotate().dropped == [first[0].kid])
        #expect(keys.published.map(\.kid) == added)
        #expect(try bench.keys().published.map(\.kid) == added)
    }

    @Test func `the service rotates by its clock, and goes on after what failed`() async throws {
        let bench = try Bench()
        let keys = try bench.keys()
        let service = Task {
            await KeyRotation(keys: keys, clock: bench.time.clock, logger: Logger(label: "test")).run()
        }
        try await bench.time.clock.sleepers(1)
        try FileManager.default.moveItem(at: bench.folder, to: bench.folder.appendingPathExtension("gone"))
        bench.time.clock.advance(by: .seconds(29 * 86_400))
        try await bench.time.clock.sleepers(1)
        #expect(keys.published.count == 1, "nobody sees a key that isn't on the disk")
        try FileManager.default.moveItem(at: bench.folder.appendingPathExtension("gone"), to: bench.folder)
        bench.time.clock.advance(by: .seconds(60))
        try await bench.time.clock.sleepers(1)
        #expect(keys.published.count == 2)
        service.cancel()
        await service.value
    }

    @Test func `a file that others can use, a link or garbage is refused, and not replaced`() throws {
        let bench = try Bench()
        _ = try bench.keys()
        let good = try Data(contentsOf: URL(filePath: bench.path))
        for mode in [0o640, 0o604, 0o660] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: bench.path)
            #expect(throws: SigningKeyFault.self) { _ = try bench.keys() }
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: bench.path)
        for text in [
            "", "{}", "[]", "{\"keys\":[{\"signs_from\":1,\"pem\":\"s3cret\"}]}",
            String(repeating: "x", count: 300_000),
        ] {
            try Data(text.utf8).write(to: URL(filePath: bench.path))
            let error = #expect(throws: SigningKeyFault.self) { _ = try bench.keys() }
            #expect(error?.description.contains("s3cret") == false)
            #expect(try Data(contentsOf: URL(filePath: bench.path)) == Data(text.utf8))
        }
        try good.write(to: URL(filePath: bench.path + ".elsewhere"))
        try FileManager.default.removeItem(atPath: bench.path)
        try FileManager.default.createSymbolicLink(atPath: bench.path, withDestinationPath: bench.path + ".elsewhere")
        #expect(throws: SigningKeyFault.self) { _ = try bench.keys() }
    }

    @Test func `what a crash left of a draft is in nobody's way`() throws {
        let bench = try Bench()
        try Data("half".utf8).write(to: URL(filePath: bench.path + ".new"))
        #expect(try bench.keys().published.count == 1)
    }
}
