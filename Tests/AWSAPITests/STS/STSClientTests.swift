import AWSAPI
import Credentials
import FoundationEssentials
import HTTPExchange
import Logging
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@Suite struct STSClientTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test(
        "gives credentials with the expiration in whole seconds",
        arguments: ["2027-01-15T09:00:00Z", "2027-01-15T09:00:00.987Z", "2027-01-15T09:00:00.123456Z"])
    func givesCredentials(expiration: String) async throws {
        let credentials = try await assume { _ in .text(Self.answer(expiration: expiration)) }.get()
        #expect(credentials.accessKeyID == "ASIAEXAMPLE")
        #expect(credentials.secretAccessKey == Secret("secret/+"))
        #expect(credentials.sessionToken == Secret("token=="))
        #expect(credentials.expiration == Date(timeIntervalSince1970: 1_800_003_600))
        #expect(credentials.issuedAt == Self.now)
        #expect(credentials.roleARN.description == "arn:aws:iam::123456789012:role/team/dev")
    }

    @Test("sends every parameter under the name that STS gives it")
    func sendsParameters() async throws {
        let seen = Mutex<ScriptedServer.Request?>(nil)
        _ = try await assume { request in
            seen.withLock { $0 = request }
            return .text(Self.answer())
        }.get()
        let request = try #require(seen.withLock { $0 })
        #expect(request.method == .POST)
        #expect(
            request.body.split(separator: "&").map(String.init) == [
                "Action=AssumeRole", "Version=2011-06-15",
                "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fteam%2Fdev", "RoleSessionName=alice%40example.com",
                "DurationSeconds=3600", "Tags.member.1.Key=Team", "Tags.member.1.Value=a+b%2B%C3%BC",
                "Tags.member.2.Key=Grant", "Tags.member.2.Value=", "TransitiveTagKeys.member.1=Team",
                "PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess", "Policy=%7B%7D",
                "ExternalId=ext", "SourceIdentity=alice",
            ])
        #expect(request.headers["Authorization"].first?.contains("/eu-central-1/sts/aws4_request") == true)
    }

    @Test(arguments: ["", "<SourceIdentity>inherited</SourceIdentity>"])
    func `without a source identity none is sent, and an inherited one is taken`(element: String) async throws {
        let seen = Mutex<ScriptedServer.Request?>(nil)
        let result = try await assume(identity: nil) { request in
            seen.withLock { $0 = request }
            return .text(Self.answer().replacing("<SourceIdentity>alice</SourceIdentity>", with: element))
        }
        #expect(try result.get().accessKeyID == "ASIAEXAMPLE")
        let request = try #require(seen.withLock { $0 })
        #expect(request.body.hasSuffix("&Policy=%7B%7D&ExternalId=ext"))
    }

    @Test func `a web identity's session has the same session policies, and all else in its token`() async throws {
        let seen = Mutex<ScriptedServer.Request?>(nil)
        try await ScriptedServer.running { request in
            seen.withLock { $0 = request }
            return .reset
        } _: { server in
            let client = STSClient(
                http: .shared, endpoint: server.url, region: "eu-central-1", accessKey: Self.key,
                logger: Logger(label: "test"), timeout: .seconds(60), now: { Self.now })
            let input = try Self.input(identity: "alice", externalID: nil)
            await #expect(throws: AWSError.self) {
                try await client.assumeRole(input, withWebIdentity: Secret("e.y.J"))
            }
        }
        let request = try #require(seen.withLock { $0 })
        #expect(
            request.body.split(separator: "&").dropFirst(2).map(String.init) == [
                "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fteam%2Fdev", "RoleSessionName=alice%40example.com",
                "DurationSeconds=3600", "PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess",
                "Policy=%7B%7D", "WebIdentityToken=e.y.J",
            ])
    }

    /// What is wrong with an answer, and the answer.
    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: String

        init(_ name: String, _ body: String) {
            testDescription = name
            self.body = body
        }
    }

    @Test(
        "refuses an answer that is not usable credentials of the very session asked for",
        arguments: [
            Damage("expires now", answer(expiration: "2027-01-15T08:00:00Z")),
            Damage("expired long ago", answer(expiration: "2020-01-01T00:00:00Z")),
            Damage("no instant", answer(expiration: "tomorrow")),
            Damage("empty expiration", answer(expiration: "")),
            Damage("other role", answer(arn: "arn:aws:sts::123456789012:assumed-role/ops/alice@example.com")),
            Damage("other account", answer(arn: "arn:aws:sts::999999999999:assumed-role/dev/alice@example.com")),
            Damage("other session", answer(arn: "arn:aws:sts::123456789012:assumed-role/dev/bob@example.com")),
            Damage("other identity", answer(identity: "bob")),
            Damage("no token", answer().replacing("SessionToken", with: "Token")),
            Damage("empty secret", answer().replacing("secret/+", with: "")),
            Damage("blank in secret", answer().replacing("secret/+", with: "a b")),
            Damage("no result", answer().replacing("AssumeRoleResult", with: "Result")),
            Damage("no user", answer().replacing("AssumedRoleUser", with: "User")),
            Damage("no credentials", answer().replacing("Credentials>", with: "Keys>")),
            Damage("empty", ""), Damage("garbage", "garbage"), Damage("JSON", "{}"), Damage("HTML", "<html></html>"),
        ])
    func refusesAnswer(damage: Damage) async throws {
        let result = try await assume { _ in .text(damage.body) }
        guard case .failure(.invalidAnswer(let reason)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(!reason.contains("secret/+"))
    }

    @Test(
        "sorts refusals by what the caller can do about them",
        arguments: [
            (403, fault("AccessDenied"), .refused(code: "AccessDenied", status: 403, message: "because")),
            (
                400, fault("PackedPolicyTooLarge"),
                .refused(code: "PackedPolicyTooLarge", status: 400, message: "because")
            ),
            (
                403, fault("SignatureDoesNotMatch"),
                .keysRefused(code: "SignatureDoesNotMatch", status: 403, message: "because")
            ),
            (
                400, fault("ExpiredTokenException"),
                .keysRefused(code: "ExpiredTokenException", status: 400, message: "because")
            ),
            (400, fault("Throttling"), .throttled(retryAfter: .seconds(7))),
            (429, "", .throttled(retryAfter: .seconds(7))),
            (403, "<html>proxy</html>", .unavailable("something that is not AWS answered with status 403")),
            (404, "", .unavailable("something that is not AWS answered with status 404")),
            (500, fault("InternalFailure"), .unavailable("it answered with status 500")),
            (503, "", .unavailable("it answered with status 503")),
            (503, fault("SlowDown"), .throttled(retryAfter: .seconds(7))),
            (204, "", .unavailable("it answered with status 204")),
        ] as [(Int, String, AWSError)])
    func sortsRefusals(status: Int, body: String, expected: AWSError) async throws {
        let result = try await assume { _ in
            .answer(status: status, headers: [("Retry-After", "7")], body: Array(body.utf8))
        }
        #expect(result == .failure(expected))
    }

    @Test("bounds and cleans an upstream's message")
    func cleansMessage() async throws {
        let long = "a\u{1B}[31m" + String(repeating: "é", count: 2_000)
        let result = try await assume { _ in
            .text(Self.fault("AccessDenied", message: long.replacing("\u{1B}", with: "&#x85;")), status: 403)
        }
        guard case .failure(.refused(_, _, let message)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(message.unicodeScalars.count == 513)
        #expect(message.hasPrefix("a [31m"))
    }

    @Test("calls a broken, silent, slow or endless STS unavailable", arguments: [0, 1, 2, 3])
    func unavailable(fault: Int) async throws {
        let result = try await assume(timeout: .milliseconds(fault == 3 ? 10_000 : 300)) { _ in
            switch fault {
            case 0: .reset
            case 1: .hang
            case 2: .stall(body: Array(Self.answer().utf8))
            default: .text(String(repeating: " ", count: 70_000))
            }
        }
        guard case .failure(.unavailable) = result else {
            Issue.record("\(result)")
            return
        }
    }

    @Test("does not take an answer that came by a redirect")
    func refusesRedirect() async throws {
        let result = try await assume { request in
            request.target == "/"
                ? .answer(status: 303, headers: [("Location", "/elsewhere")], body: []) : .text(Self.answer())
        }
        guard case .failure(.unavailable) = result else {
            Issue.record("\(result)")
            return
        }
    }

    @Test("says when the broker has no key, without the source's own words")
    func keyUnavailable() async throws {
        struct SourceFailure: Error { let secret = "s3cr3t" }
        let result = try await assume(key: { throw SourceFailure() }) { _ in .text(Self.answer()) }
        #expect(result == .failure(.keysUnavailable("its source failed with SourceFailure")))
    }

    @Test(
        "says that an endpoint cannot be called",
        arguments: [
            "", "sts.example.com", "ftp://x", "https://", "https://u:p@x", "https://x/?q", "http://sts.example.com",
        ])
    func misconfigured(endpoint: String) {
        #expect(throws: AWSError.self) { try STSClient.checkEndpoint(endpoint) }
    }

    @Test(
        "knows the regional endpoints",
        arguments: [
            ("eu-central-1", "https://sts.eu-central-1.amazonaws.com"),
            ("cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn"),
        ])
    func endpoints(region: String, endpoint: String) {
        #expect(STSClient.defaultEndpoint(region: region) == endpoint)
    }
}

extension STSClientTests {
    private static let key: @Sendable () async throws -> AWSAccessKey = {
        AWSAccessKey(accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret("secret"), sessionToken: nil)
    }

    private static func input(identity: String?, externalID: String? = "ext") throws -> AssumeRoleInput {
        try AssumeRoleInput(
            roleARN: try RoleARN("arn:aws:iam::123456789012:role/team/dev"), roleSessionName: "alice@example.com",
            durationSeconds: 3_600,
            tags: [SessionTag(key: "Team", value: "a b+ü"), SessionTag(key: "Grant", value: "")],
            transitiveTagKeys: ["Team"], policyARNs: ["arn:aws:iam::aws:policy/ReadOnlyAccess"], policy: "{}",
            externalID: externalID, sourceIdentity: identity)
    }

    private func assume(
        identity: String? = "alice", timeout: Duration = .seconds(60),
        key: @escaping @Sendable () async throws -> AWSAccessKey = key,
        _ script: @escaping @Sendable (ScriptedServer.Request) async -> ScriptedServer.Reply
    ) async throws -> Result<SessionCredentials, AWSError> {
        let input = try Self.input(identity: identity)
        return try await ScriptedServer.running(script) { server in
            let client = STSClient(
                http: .shared, endpoint: server.url, region: "eu-central-1", accessKey: key,
                logger: Logger(label: "test"), timeout: timeout, now: { Self.now })
            do throws(AWSError) {
                return .success(try await client.assumeRole(input))
            } catch {
                return .failure(error)
            }
        }
    }

    private static func fault(_ code: String, message: String = "because") -> String {
        """
        <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>\(code)</Code>
        <Message>\(message)</Message></Error><RequestId>1</RequestId></ErrorResponse>
        """
    }

    private static func answer(
        expiration: String = "2027-01-15T09:00:00Z",
        arn: String = "arn:aws:sts::123456789012:assumed-role/dev/alice@example.com",
        identity: String = "alice"
    ) -> String {
        """
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
        <AssumedRoleUser><AssumedRoleId>AROA:alice</AssumedRoleId><Arn>\(arn)</Arn></AssumedRoleUser>
        <Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>secret/+</SecretAccessKey>
        <SessionToken>token==</SessionToken><Expiration>\(expiration)</Expiration></Credentials>
        <SourceIdentity>\(identity)</SourceIdentity><PackedPolicySize>6</PackedPolicySize>
        </AssumeRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>
        """
    }
}
