import AccessControl
import BrokerStore
import Foundation
import HTTPExchange
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import Broker

/// The broker as the server assembles it, with an AWS and an identity provider that share no code with us.
@Suite("The broker against moto")
struct BrokerAgainstMotoTests {
    private struct Pool: Decodable, Sendable {
        let issuer, client, jwks, idToken, otherClientToken, otherPoolToken: String
    }

    @Test(
        "A Cognito ID token becomes credentials of moto's STS; altered, expired, or for another audience or pool, nothing"
    )
    func wholeWay() async throws {
        try await MotoServer.running { moto in
            let pool = try await PythonEnvironment.run(
                try PythonEnvironment.script("moto_developer.py", of: #filePath), input: ["endpoint": moto.endpoint],
                as: Pool.self)
            let folder = try folder(pool: pool, endpoint: moto.endpoint)
            defer { try? FileManager.default.removeItem(at: folder) }
            let loaded = try LoadedConfiguration(path: folder.appending(path: "server.yaml").path(), environment: [:])
            let records = try server(loaded).openRecords()
            try await server(loaded).adoptPolicies(records)

            try await application(loaded, records).test(.live) { client in
                let good = try await ask(client, token: pool.idToken)
                #expect(good.status == .ok, "\(String(buffer: good.body))")
                let fields = try #require(
                    try JSONSerialization.jsonObject(with: Data(good.body.readableBytesView)) as? [String: Any])
                #expect((fields["access_key_id"] as? String)?.hasPrefix("ASIA") == true)
                #expect(fields["role_arn"] as? String == "arn:aws:iam::123456789012:role/Reader")
                for token in [Self.altered(pool.idToken), pool.otherClientToken, pool.otherPoolToken] {
                    #expect(try await ask(client, token: token).status == .unauthorized)
                }
            }
            let tomorrow: @Sendable () -> Date = { Date(timeIntervalSinceNow: 86_400) }
            try await application(loaded, records, now: tomorrow).test(.live) { client in
                let late = try await ask(client, token: pool.idToken)
                #expect(late.status == .unauthorized)
            }
            let trail = try await records.auditTrail(after: 0, limit: 100).map(\.event)
            #expect(trail.suffix(7).prefix(3).map(\.kind) == [.request, .decision, .issuance])
            let problems = trail.suffix(4).map { event in
                if case .authenticationFailure(let failure) = event { failure.problem } else { "none" }
            }
            #expect(problems == ["bad_signature", "wrong_audience", "unknown_issuer", "expired"])
        }
    }

    private func server(
        _ loaded: LoadedConfiguration, now: @escaping @Sendable () -> Date = { Date() }
    ) -> BrokerServer {
        BrokerServer(
            loaded, environment: ["AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"],
            now: now)
    }

    private func application(
        _ loaded: LoadedConfiguration, _ records: SQLiteRecords, now: @escaping @Sendable () -> Date = { Date() }
    ) throws -> some ApplicationProtocol {
        let server = server(loaded, now: now)
        let access = try server.access(.shared, stsTimeout: .seconds(60))
        return buildApplication(
            server.parts(records: records, http: .shared, access: access, keyTimeout: .seconds(60)),
            address: .hostname("127.0.0.1", port: 0))
    }

    /// With another character in the middle of the signature.
    private static func altered(_ token: String) -> String {
        var characters = Array(token)
        let place = characters.count - 100
        characters[place] = characters[place] == "A" ? "B" : "A"
        return String(characters)
    }

    private func ask(_ client: any TestClientProtocol, token: String) async throws -> TestResponse {
        try await client.execute(
            uri: "/v1/credentials", method: .post,
            headers: [.authorization: "Bearer \(token)", .contentType: "application/json"],
            body: ByteBuffer(string: #"{"policy":"reader"}"#))
    }

    /// A folder with both configuration files, and room for the database.
    private func folder(pool: Pool, endpoint: String) throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "moto-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let server = """
            listen: {address: "127.0.0.1:0"}
            database: broker.sqlite
            policies: policies.yaml
            aws: {region: eu-central-1, sts_endpoint: "\(endpoint)"}
            issuers:
              - issuer: \(pool.issuer)
                audiences: [\(pool.client)]
                jwks_uri: \(pool.jwks)
                token_use: id
                claims: {user: "cognito:username", teams: "custom:teams"}
            """
        let policies = """
            policies:
              - {id: reader, description: reads, account: "123456789012", risk: 10, user_tags: [department],
                 base_role: "arn:aws:iam::123456789012:role/Reader", max_duration: 1h}
            teams:
              - {id: developers, policies: [reader]}
            """
        try server.write(to: folder.appending(path: "server.yaml"), atomically: true, encoding: .utf8)
        try policies.write(to: folder.appending(path: "policies.yaml"), atomically: true, encoding: .utf8)
        return folder
    }
}
