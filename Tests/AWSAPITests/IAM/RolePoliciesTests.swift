import Credentials
import FoundationEssentials
import HTTPExchange
import Logging
import Synchronization
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

    /// What the names of a role are where IAM answers with these pages, and then with the last one again and again; `requests` are
    /// the bodies that it got.
    private func names(pages: [(names: String, marker: String?)]) async throws -> (
        Result<[String], AWSError>, requests: [String]
    ) {
        let requests = Mutex<[String]>([])
        let result = try await ScriptedServer.running { request in
            let count = requests.withLock { requests in
                requests.append(request.body)
                return requests.count
            }
            let page = pages[min(count, pages.count) - 1]
            let more = page.marker.map { "<IsTruncated>true</IsTruncated><Marker>\($0)</Marker>" } ?? ""
            return .text(
                "<ListRolePoliciesResponse><ListRolePoliciesResult><PolicyNames>\(page.names)</PolicyNames>\(more)"
                    + "</ListRolePoliciesResult></ListRolePoliciesResponse>")
        } _: { server in
            let key = AWSAccessKey(accessKeyID: "AKIA", secretAccessKey: Secret("s"), sessionToken: nil)
            let policies = RolePolicies(
                http: .shared, partition: "aws", endpoint: server.url, accessKey: { key },
                logger: Logger(label: "test"), timeout: .seconds(60), now: { Date() })
            let role = try RoleARN("arn:aws:iam::111122223333:role/r")
            do throws(AWSError) {
                return Result<[String], AWSError>.success(try await policies.names(of: role))
            } catch {
                return .failure(error)
            }
        }
        return (result, requests.withLock { $0 })
    }

    @Test func `all pages of a list are read, also one without names, and one that has no end is an error`()
        async throws
    {
        let (all, asked) = try await names(pages: [
            ("<member>a</member>", "m/1"), ("", "m2"), ("<member>b</member>", nil),
        ])
        #expect(try all.get() == ["a", "b"])
        #expect(asked.count == 3 && asked[1].contains("Marker=m%2F1") && asked[2].contains("Marker=m2"))
        let (endless, requests) = try await names(pages: [("", "m")])
        #expect(endless == .failure(.invalidAnswer("the list of the role's policies has no end")))
        #expect(requests.count == 1000)
    }

    @Test func `what is encoded decodes to itself, and what isn't stays`() {
        for text in ["", "a b", "ünï/%25", "100%", "%", "%zz", "{\"a\":[\"*:x\"]}"] {
            #expect(PercentEncoding.decoded(PercentEncoding.encoded(text)) == text)
        }
        #expect(PercentEncoding.decoded("100%") == "100%" && PercentEncoding.decoded("%zz%4") == "%zz%4")
    }
}
