import AWSAPI
import Credentials
import Foundation
import HTTPExchange
import TestSupport
import Testing

@testable import Broker

@Suite("Assembling the broker")
struct BrokerServerTests {
    private static func identity(_ arn: String) -> ScriptedServer.Reply {
        .text(
            """
            <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
            <Arn>\(arn)</Arn><UserId>AIDAEXAMPLE</UserId><Account>111122223333</Account></GetCallerIdentityResult>
            <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>
            """)
    }

    private static let keys: [(String?, ScriptedServer.Reply, Bool)] = [
        ("token", identity("arn:aws:sts::111122223333:assumed-role/broker/i-1"), true),
        ("token", identity("arn:aws:iam::111122223333:user/broker"), false),
        ("token", .text("", status: 503), true), ("token", .reset, true),
        (nil, identity("arn:aws:sts::111122223333:assumed-role/broker/i-1"), false),
    ]

    @Test func `links to the console lead to the one that is configured, and from there back to the pages`()
        async throws
    {
        let script: @Sendable (ScriptedServer.Request) async -> ScriptedServer.Reply = { request in
            request.target == "/federation"
                ? .text(#"{"SigninToken":"T"}"#) : Self.identity("arn:aws:iam::111122223333:user/broker")
        }
        try await ScriptedServer.running(script) { aws in
            let folder = FileManager.default.temporaryDirectory.appending(path: "server-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let configuration =
                ConfigurationTests.valid + "\nweb: {url: \"https://broker.example\", client_id: stsbroker}\n"
            try Data(configuration.utf8).write(to: folder.appending(path: "server.yaml"))
            try Data(ConfigurationTests.policies.utf8).write(to: folder.appending(path: "policies.yaml"))
            let loaded = try LoadedConfiguration(
                path: folder.appending(path: "server.yaml").path,
                environment: [
                    "STSBROKER_SERVER_AWS_STS_ENDPOINT": aws.url,
                    "STSBROKER_SERVER_AWS_SIGNIN_ENDPOINT": aws.url + "/federation",
                    "STSBROKER_SERVER_AWS_CONSOLE_URL": "https://console.sovereign.example/",
                ])
            let keys = ["AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"]
            let server = BrokerServer(loaded, environment: keys)
            let links = server.parts(
                records: try server.openRecords(), http: .shared, access: try server.access(.shared)
            ).links
            let expiration = Date(timeIntervalSinceNow: 3600)
            let credentials = SessionCredentials(
                accessKeyID: "ASIAEXAMPLE", secretAccessKey: Secret("s"), sessionToken: Secret("t"),
                expiration: expiration, issuedAt: expiration - 3600,
                roleARN: try RoleARN("arn:aws:iam::111122223333:role/Reader"))
            #expect(
                try await links.link(for: credentials).revealed()
                    == "\(aws.url)/federation?Action=login&Issuer=https%3A%2F%2Fbroker.example"
                    + "&Destination=https%3A%2F%2Fconsole.sovereign.example%2F&SigninToken=T")
            #expect(throws: ConsoleSignInFailure.foreignDestination) {
                try links.check("https://console.aws.amazon.com/")
            }
            try links.check("https://eu.console.sovereign.example/s3")
        }
    }

    @Test(
        "Defect B1: sessions are capped at an hour where the broker's own key is a role's, or may be", arguments: keys)
    func roleChaining(token: String?, reply: ScriptedServer.Reply, chains: Bool) async throws {
        try await ScriptedServer.running({ _ in reply }) { sts in
            let folder = FileManager.default.temporaryDirectory.appending(path: "server-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try Data(ConfigurationTests.valid.utf8).write(to: folder.appending(path: "server.yaml"))
            try Data(ConfigurationTests.policies.utf8).write(to: folder.appending(path: "policies.yaml"))
            let loaded = try LoadedConfiguration(
                path: folder.appending(path: "server.yaml").path,
                environment: ["STSBROKER_SERVER_AWS_STS_ENDPOINT": sts.url])
            var environment = ["AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"]
            environment["AWS_SESSION_TOKEN"] = token
            let access = try BrokerServer(loaded, environment: environment).access(.shared)
            #expect(await access.chainsRoles() == chains)
        }
    }
}
