import AWSAPI
import Credentials
import FoundationEssentials
import HTTPExchange
import Logging
import TestSupport
import Testing

/// moto checks signatures and policies here as an independent judge.
@Suite struct STSClientMotoTests {
    private struct Setup: Decodable, Sendable {
        let accessKeyID, secretAccessKey, userARN, roleARN: String
    }

    @Test("our signed AssumeRole is accepted, and refused with one byte of the secret changed")
    func judgedByMoto() async throws {
        try await MotoServer.running { moto in
            let setup = try await PythonEnvironment.run(
                try PythonEnvironment.script("moto_role.py", of: #filePath),
                input: ["endpoint": moto.endpoint], as: Setup.self)
            let role = try RoleARN(setup.roleARN)
            let input = try AssumeRoleInput(
                roleARN: role, roleSessionName: "alice@example.com", durationSeconds: 3_600,
                tags: [SessionTag(key: "Team", value: "ünï cödé +/=")])

            let right = client(moto, setup, secret: setup.secretAccessKey)
            let credentials = try await right.assumeRole(input)
            #expect(credentials.roleARN == role)
            #expect(try await right.callerIdentity().arn == setup.userARN)

            let wrong = client(moto, setup, secret: changed(setup.secretAccessKey))
            await #expect {
                try await wrong.assumeRole(input)
            } throws: { error in
                guard case .keysRefused("SignatureDoesNotMatch", 403, _)? = error as? AWSError else { return false }
                return true
            }

            let other = try AssumeRoleInput(
                roleARN: try RoleARN(setup.roleARN + "-other"), roleSessionName: "alice", durationSeconds: 3_600)
            await #expect {
                try await right.assumeRole(other)
            } throws: { error in
                guard case .refused("AccessDenied", 403, _)? = error as? AWSError else { return false }
                return true
            }
        }
    }

    private func client(_ moto: MotoServer, _ setup: Setup, secret: String) -> STSClient {
        STSClient(
            http: .shared, endpoint: moto.endpoint, region: "us-east-1",
            accessKey: {
                AWSAccessKey(accessKeyID: setup.accessKeyID, secretAccessKey: Secret(secret), sessionToken: nil)
            }, logger: Logger(label: "test"), timeout: .seconds(60), now: { Date() })
    }

    private func changed(_ secret: String) -> String {
        (secret.first == "a" ? "b" : "a") + secret.dropFirst()
    }
}
