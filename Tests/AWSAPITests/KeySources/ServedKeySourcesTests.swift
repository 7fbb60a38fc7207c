import Credentials
import Foundation
import HTTPExchange
import Logging
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import AWSAPI

/// The sources that are asked over HTTP, against servers that answer as scripted.
@Suite struct ServedKeySourcesTests {
    private static func served(_ change: (String, String) = ("", "")) -> String {
        let text = #"""
            {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "s3cret/+",
             "Token": "s3ssion==", "Expiration": "2027-01-15T09:00:00Z", "LastUpdated": "2027-01-15T08:00:00Z"}
            """#
        return change.0.isEmpty ? text : text.replacing(change.0, with: change.1)
    }

    private static func check(_ key: OwnKey?) throws {
        let key = try #require(key)
        #expect(key.accessKey.accessKeyID == "ASIAEXAMPLE" && key.accessKey.secretAccessKey == Secret("s3cret/+"))
        #expect(key.accessKey.sessionToken == Secret("s3ssion=="))
        #expect(key.expiration == Date(timeIntervalSince1970: 1_800_003_600) && key.belongsToRole == true)
    }

    /// Whether it is a failure that may pass, or one to be mended; `nil` if it is another.
    private static func mayPass(_ error: AWSError?) -> Bool? {
        switch error {
        case .keysUnavailable?: true
        case .misconfigured?: false
        default: nil
        }
    }

    // The instance metadata service.

    private static func instance(_ request: ScriptedServer.Request, role: String = "Broker Role")
        -> ScriptedServer.Reply
    {
        switch (request.method, request.target) {
        case (.PUT, "/latest/api/token"):
            request.headers["X-aws-ec2-metadata-token-ttl-seconds"] == ["21600"]
                ? .text("session") : .text("", status: 400)
        case (.GET, _) where request.headers["X-aws-ec2-metadata-token"] != ["session"]: .text("", status: 401)
        case (.GET, "/latest/meta-data/iam/security-credentials/"): .text(role + "\nOther")
        case (.GET, "/latest/meta-data/iam/security-credentials/Broker%20Role"): .text(served())
        default: .text("", status: 404)
        }
    }

    @Test(arguments: ["", "/"])
    func `the instance's role is asked for with a session token`(slash: String) async throws {
        try await ScriptedServer.running({ Self.instance($0) }) { server in
            let source = InstanceKeySource(
                ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url + slash], http: .shared, timeout: .seconds(30))
            try Self.check(try await source.key())
        }
    }

    @Test(arguments: [400, 403, 404, 405, 500])
    func `version 1 is never fallen back to`(status: Int) async throws {
        let asked = Mutex<[HTTPMethod]>([])
        try await ScriptedServer.running({ request in
            asked.withLock { $0.append(request.method) }
            return request.method == .PUT ? .text("", status: status) : .text(Self.served())
        }) { server in
            let source = InstanceKeySource(
                ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url], http: .shared, timeout: .seconds(30))
            let error = await #expect(throws: AWSError.self) { _ = try await source.key() }
            #expect(Self.mayPass(error) == true)
        }
        #expect(asked.withLock { $0 } == [.PUT])
    }

    @Test func `where the service is switched off, another source is asked`() async throws {
        let source = InstanceKeySource(["AWS_EC2_METADATA_DISABLED": "TRUE"], http: .shared)
        #expect(try await source.key() == nil)
    }

    @Test func `what never answers is given up in time`() async throws {
        try await ScriptedServer.running({ _ in .hang }) { server in
            let source = InstanceKeySource(
                ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url], http: .shared, timeout: .milliseconds(50))
            let error = await #expect(throws: AWSError.self) { _ = try await source.key() }
            #expect(Self.mayPass(error) == true)
        }
    }

    @Test(arguments: [
        ("Success", "AssumeRoleUnauthorizedAccess"), ("ASIAEXAMPLE", ""), ("s3cret/+", "a b"), ("s3ssion==", ""),
        ("2027-01-15T09", "tomorrow"), ("{", "["), ("AccessKeyId", "Key"),
    ])
    func `credentials that lack something are none, and no secret is quoted`(change: (String, String)) async throws {
        try await ScriptedServer.running({ request in
            let reply = Self.instance(request)
            return request.target.hasSuffix("Role") ? .text(Self.served(change)) : reply
        }) { server in
            let source = InstanceKeySource(
                ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url], http: .shared, timeout: .seconds(30))
            let error = await #expect(throws: AWSError.self) { _ = try await source.key() }
            #expect(error?.description.contains("s3") == false)
        }
    }

    // The container endpoint.

    private func container(
        _ environment: [String: String], reply: ScriptedServer.Reply = .text(served())
    ) async throws -> (key: OwnKey?, authorization: [String]) {
        let seen = Mutex<[String]>([])
        let key = try await ScriptedServer.running({ request in
            seen.withLock { $0 = request.headers["Authorization"] + [request.target] }
            return reply
        }) { server in
            let variables = environment.merging(["AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/v1/keys?a=b"]) {
                first, _ in first
            }
            return try await ContainerKeySource(variables, http: .shared, timeout: .seconds(30)).key()
        }
        return (key, seen.withLock { $0 })
    }

    @Test func `a container's credentials are asked for with its token, whose file is read anew`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        for token in ["Basic first", "Basic second"] {
            try Data(token.utf8).write(to: file)
            let both = [
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file.path, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "other",
            ]
            let (key, authorization) = try await container(both)
            try Self.check(key)
            #expect(authorization == [token, "/v1/keys?a=b"])
        }
        let (_, authorization) = try await container(["AWS_CONTAINER_AUTHORIZATION_TOKEN": "plain"])
        #expect(authorization.first == "plain")
    }

    @Test(arguments: ["a\r\nX: y", "a\n", "\u{e9}"])
    func `a token that would write header lines of its own is refused`(token: String) async throws {
        let error = await #expect(throws: AWSError.self) {
            _ = try await container(["AWS_CONTAINER_AUTHORIZATION_TOKEN": token])
        }
        #expect(Self.mayPass(error) == false)
    }

    @Test(arguments: [
        ("http://169.254.170.2/x", true), ("http://169.254.170.23/x", true), ("http://[fd00:ec2::23]/x", true),
        ("http://127.0.0.5:99/x", true), ("http://localhost/x", true), ("http://[::1]:1/x", true),
        ("https://keys.example.com/x", true), ("http://169.254.169.254/x", false), ("http://10.0.0.1/x", false),
        ("http://127.0.0.1.example.com/x", false), ("http://keys.example.com/x", false), ("ftp://127.0.0.1/x", false),
        ("http://user@127.0.0.1/x", false), ("//127.0.0.1/x", false), ("http:///x", false),
        ("http://127.0.0.1/ x", false),
    ])
    func `plain HTTP goes to loopback and to the containers' own addresses only`(url: String, isAllowed: Bool) throws {
        let environment = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url]
        if isAllowed {
            #expect(try ContainerEndpoint(environment)?.url == url)
        } else {
            #expect(throws: AWSError.self) { _ = try ContainerEndpoint(environment) }
        }
    }

    @Test func `the relative URI belongs to ECS's address and wins`() throws {
        var environment = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1"]
        environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1/other"
        #expect(try ContainerEndpoint(environment)?.url == "http://169.254.170.2/v2/credentials/1")
        environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "@evil.example/x"
        #expect(throws: AWSError.self) { _ = try ContainerEndpoint(environment) }
        #expect(try ContainerEndpoint([:]) == nil)
    }

    // The web identity token's file.

    @Test func `a token file becomes a role's key by a call that nobody signs`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)")
        try Data("eyJ.token.x\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let seen = Mutex<ScriptedServer.Request?>(nil)
        let answer = """
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
            <AssumeRoleWithWebIdentityResult><AssumedRoleUser>
            <Arn>arn:aws:sts::111122223333:assumed-role/Broker/ci</Arn><AssumedRoleId>AROA:ci</AssumedRoleId></AssumedRoleUser>
            <Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>s3cret/+</SecretAccessKey>
            <SessionToken>s3ssion==</SessionToken><Expiration>2027-01-15T09:00:00Z</Expiration></Credentials>
            </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>
            """
        try await ScriptedServer.running({ request in
            seen.withLock { $0 = request }
            return .text(answer)
        }) { server in
            let sts = STSClient(
                http: .shared, endpoint: server.url, region: "us-east-1", accessKey: nil, logger: Logger(label: "test"),
                timeout: .seconds(30), now: { Date(timeIntervalSince1970: 1_800_000_000) })
            var environment = ["AWS_WEB_IDENTITY_TOKEN_FILE": file.path, "AWS_ROLE_SESSION_NAME": "ci"]
            await #expect(throws: AWSError.self) { _ = try await WebIdentityKeySource(environment, sts: sts).key() }
            environment["AWS_ROLE_ARN"] = "arn:aws:iam::111122223333:role/Broker"
            try Self.check(try await WebIdentityKeySource(environment, sts: sts).key())
            #expect(try await WebIdentityKeySource([:], sts: sts).key() == nil)
        }
        let request = try #require(seen.withLock { $0 })
        #expect(request.headers["Authorization"].isEmpty)
        #expect(request.body.contains("Action=AssumeRoleWithWebIdentity") && request.body.hasSuffix("=eyJ.token.x"))
    }

    @Test func `of several sources the first that is set up counts, also if it fails`() async throws {
        let broken = EnvironmentKeySource(["AWS_ACCESS_KEY_ID": "AKIA"])
        let good = EnvironmentKeySource(["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"])
        let absent = EnvironmentKeySource([:])
        await #expect(throws: AWSError.self) { _ = try await AWSKeyChain([absent, broken, good]).key() }
        #expect(try await AWSKeyChain([absent, good, broken]).key()?.accessKey.accessKeyID == "AKIA")
        #expect(try await AWSKeyChain([absent]).key() == nil)
        await #expect(throws: AWSError.self) { _ = try await AWSKeyChain([absent], isRequired: true).key() }
    }
}
