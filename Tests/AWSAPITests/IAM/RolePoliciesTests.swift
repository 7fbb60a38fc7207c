import Credentials
import FoundationEssentials
import HTTPExchange
import Logging
import TestSupport
import Testing

@testable import AWSAPI

/// moto checks signatures and policies here as an independent judge.
@Suite struct RolePoliciesTests {
    private struct Setup: Decodable, Sendable {
        let accessKeyID, secretAccessKey, roleARN: String
    }

    @Test func `inline policies are written, read, listed and removed by signed requests`() async throws {
        try await MotoServer.running { moto in
            let setup = try await PythonEnvironment.run(
                try PythonEnvironment.script("moto_inline_policies.py", of: #filePath),
                input: ["endpoint": moto.endpoint], as: Setup.self)
            let role = try RoleARN(setup.roleARN)
            func iam(_ secret: String) -> RolePolicies {
                let key = AWSAccessKey(
                    accessKeyID: setup.accessKeyID, secretAccessKey: Secret(secret), sessionToken: nil)
                return RolePolicies(
                    http: .shared, partition: role.partition, endpoint: moto.endpoint, accessKey: { key },
                    logger: Logger(label: "test"), timeout: .seconds(60), now: { Date() })
            }
            let policies = iam(setup.secretAccessKey)
            #expect(try await policies.names(of: role) == ["theirs"])
            #expect(try await policies.document("ours", of: role) == nil)
            try await policies.remove("ours", from: role)
            for name in ["*:a+b@x", "*:c=d,e"] {
                let document =
                    #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","#
                    + #""Condition":{"StringLike":{"aws:userid":["\#(name)"]}}}]}"#
                try await policies.put(document, named: "ours", to: role)
                #expect(try await policies.document("ours", of: role) == document)
            }
            #expect(try await policies.names(of: role).sorted() == ["ours", "theirs"])
            try await policies.remove("ours", from: role)
            #expect(try await policies.names(of: role) == ["theirs"])

            await #expect {
                try await iam("wrong").names(of: role)
            } throws: { error in
                guard case .keysRefused("SignatureDoesNotMatch", 403, _)? = error as? AWSError else { return false }
                return true
            }
            await #expect {
                try await policies.names(of: try RoleARN(setup.roleARN + "-other"))
            } throws: { error in
                guard case .refused("NoSuchEntity", 404, _)? = error as? AWSError else { return false }
                return true
            }
        }
    }

    @Test func `what is encoded decodes to itself, and what isn't stays`() {
        for text in ["", "a b", "ünï/%25", "100%", "%", "%zz", "{\"a\":[\"*:x\"]}"] {
            #expect(PercentEncoding.decoded(PercentEncoding.encoded(text)) == text)
        }
        #expect(PercentEncoding.decoded("100%") == "100%" && PercentEncoding.decoded("%zz%4") == "%zz%4")
    }
}
