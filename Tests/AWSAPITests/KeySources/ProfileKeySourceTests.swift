import Credentials
import Foundation
import Testing

@testable import AWSAPI

@Suite struct ProfileKeySourceTests {
    /// Runs `body` with the environment that names these two files; a text of `nil` is no file.
    private func key(
        credentials: String?, config: String?, profile: String? = nil
    ) async throws -> OwnKey? {
        let folder = FileManager.default.temporaryDirectory.appending(path: "profile-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var environment = [
            "AWS_SHARED_CREDENTIALS_FILE": folder.appending(path: "a").path,
            "AWS_CONFIG_FILE": folder.appending(path: "b").path,
        ]
        environment["AWS_PROFILE"] = profile
        try credentials.map { try Data($0.utf8).write(to: folder.appending(path: "a")) }
        try config.map { try Data($0.utf8).write(to: folder.appending(path: "b")) }
        return try await ProfileKeySource(environment).key()
    }

    private static let keys = "aws_access_key_id = AKIA1\naws_secret_access_key = s3/+=\n"

    @Test func `the default profile's key is taken, with its token if there is one`() async throws {
        let key = try #require(try await key(credentials: "[default]\n\(Self.keys)", config: nil))
        #expect(key.accessKey.accessKeyID == "AKIA1" && key.accessKey.secretAccessKey == Secret("s3/+="))
        #expect(key.accessKey.sessionToken == nil && key.belongsToRole == false && key.expiration == nil)
        let session = try await self.key(
            credentials: "[default]\n\(Self.keys)AWS_SESSION_TOKEN=tok # a comment\n", config: nil)
        #expect(session?.accessKey.sessionToken == Secret("tok"))
        #expect(session?.belongsToRole == nil, "only STS knows whose it is")
    }

    @Test func `a file with the line ends of Windows is read as any other`() async throws {
        let text = "[default]\n\(Self.keys)nonsense\n".replacing("\n", with: "\r\n")
        let error = await #expect(throws: AWSError.self) { _ = try await key(credentials: text, config: nil) }
        #expect("\(String(describing: error))".contains("line 4"))
        let own = try await key(credentials: text.replacing("nonsense\r\n", with: ""), config: nil)
        #expect(own?.accessKey.accessKeyID == "AKIA1" && own?.accessKey.secretAccessKey == Secret("s3/+="))
    }

    @Test func `a named profile is found in either file, and the credentials file wins`() async throws {
        let config = "[profile work]\nregion=x\naws_access_key_id=AKIA2\naws_secret_access_key=t\n[default]\n"
        #expect(try await key(credentials: nil, config: config, profile: "work")?.accessKey.accessKeyID == "AKIA2")
        let both = try await key(credentials: "[work]\n\(Self.keys)", config: config, profile: "work")
        #expect(both?.accessKey.accessKeyID == "AKIA1")
    }

    @Test(arguments: [nil, "", "# nothing\n\n", "[default]\nregion = eu-west-1\n", "[other]\n\(keys)"] as [String?])
    func `where nobody has set a profile up, another source is asked`(credentials: String?) async throws {
        #expect(try await key(credentials: credentials, config: nil) == nil)
    }

    @Test(
        arguments: [
            ("[work]\nregion=x\n", "work", "aws_access_key_id"),
            ("[default]\n\(keys)", "work", "no AWS profile \"work\""),
            ("[default]\naws_access_key_id=AKIA\n", nil, "aws_secret_access_key"),
            ("[default]\naws_access_key_id=AKIA\naws_secret_access_key=s 3\n", nil, "aws_secret_access_key"),
            ("[default]\ncredential_process=/bin/keys\n", nil, "credential_process"),
            ("[default]\n\(keys)role_arn=arn:aws:iam::111122223333:role/x\n", nil, "role_arn"),
            ("[default]\nsso_session=x\n", nil, "sso_session"), ("[default]\nnonsense s3cret\n", nil, "line 2"),
            ("[default\n", nil, "line 1"),
        ] as [(String, String?, String)])
    func `what can't be followed is refused by name, and no value is quoted`(
        text: String, profile: String?, says: String
    ) async throws {
        let error = await #expect(throws: AWSError.self) {
            _ = try await key(credentials: text, config: nil, profile: profile)
        }
        guard case .misconfigured(let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains(says) && !reason.contains("s3"), "\(reason)")
    }

    @Test func `a static key goes before a program, as AWS's tools have it`() async throws {
        let text = "[default]\n\(Self.keys)credential_process=/bin/keys\n"
        #expect(try await key(credentials: text, config: nil)?.accessKey.accessKeyID == "AKIA1")
    }

    @Test func `settings below a setting and other sections are passed over`() throws {
        let text = "[sso-session x]\na=1\n[default]\ns3 =\n  aws_access_key_id = NO\nb = 2\n[profile a b]\nc=3"
        let file = try ProfileFile(text, kind: .config)
        #expect(file.profiles == ["default": ["s3": "", "b": "2"], "a b": ["c": "3"]])
    }

    @Test func `whatever the file holds, reading it ends`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let bytes = (0..<64).map { _ in "[]=# ;\n\tax\u{e9}".utf8.randomElement(using: &generator) ?? 0 }
            let text = String(decoding: bytes, as: UTF8.self)
            do throws(ProfileFileFault) {
                let file = try ProfileFile(text, kind: .config)
                #expect(file.profiles.isEmpty, "no section of these letters is a profile: \(text.debugDescription)")
            } catch {
                #expect((1...65).contains(error.line), "\(text.debugDescription)")
            }
        }
    }
}
