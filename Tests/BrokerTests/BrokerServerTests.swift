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
