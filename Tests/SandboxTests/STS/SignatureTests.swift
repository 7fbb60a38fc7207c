import FoundationEssentials
import Testing

@testable import Sandbox

@Suite("Signatures, judged by botocore", .timeLimit(.minutes(5)))
struct SignatureTests {
    private struct Verdict: Decodable, Sendable {
        var name: String
        var expected: String
        var actual: String
    }

    @Test("STS accepts what botocore signs and refuses each kind of damage with AWS's code")
    func botocore() async throws {
        try await RunningSandbox.run { sandbox in
            let expired = await expiredKey(in: sandbox)
            let outcome = try await Program.python(
                "signature_cases.py",
                [
                    sandbox.addresses.stsURL, sandbox.addresses.accessKeyID, sandbox.addresses.secretAccessKey,
                    expired.id, expired.secret, expired.sessionToken ?? "",
                    "\(sandbox.clock.now().timeIntervalSince1970)",
                ])
            try #require(outcome.isSuccess, "\(outcome.problems)")
            let verdicts = try JSONDecoder().decode([Verdict].self, from: Data(outcome.output.utf8))
            #expect(verdicts.count >= 35)
            for verdict in verdicts {
                #expect(verdict.actual == verdict.expected, "\(verdict.name)")
            }
        }
    }

    @Test("boto3 assumes roles, chains, and reads identity, tags and errors through the real wire")
    func boto3() async throws {
        try await RunningSandbox.run { sandbox in
            let outcome = try await Program.python(
                "assume_role.py",
                [
                    sandbox.addresses.stsURL, sandbox.addresses.accessKeyID, sandbox.addresses.secretAccessKey,
                    sandbox.addresses.controlURL,
                ])
            #expect(outcome.isSuccess, "\(outcome.output)\(outcome.problems)")
        }
    }

    private func expiredKey(in sandbox: RunningSandbox) async -> AccessKey {
        let now = sandbox.clock.now()
        let session = RoleSession(
            roleName: "stsbroker-readonly", roleARN: AssumeRoleBench.readonly,
            arn: "arn:aws:sts::111122223333:assumed-role/stsbroker-readonly/old", assumedRoleID: "AROAX:old",
            sessionName: "old", tags: [], transitiveTagKeys: [], sourceIdentity: nil, policy: nil, policyARNs: [],
            issued: now.addingTimeInterval(-1000), expiration: now.addingTimeInterval(-1), assumedBy: "test")
        return await sandbox.local.accessKeys.mint(for: session, now: now)
    }
}

@Suite("Access keys")
struct AccessKeyTests {
    @Test("Minted keys look like AWS's, and expired ones are forgotten after an hour")
    func minting() async {
        let keys = AccessKeys(account: .standard())
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        func session(_ expiration: Date) -> RoleSession {
            RoleSession(
                roleName: "r", roleARN: "a", arn: "b", assumedRoleID: "c", sessionName: "s", tags: [],
                transitiveTagKeys: [], sourceIdentity: nil, policy: nil, policyARNs: [], issued: start,
                expiration: expiration, assumedBy: "t")
        }
        let first = await keys.mint(for: session(start.addingTimeInterval(60)), now: start)
        #expect(first.id.hasPrefix("ASIA") && first.id.count == 20)
        #expect(first.secret.count == 40)
        #expect((first.sessionToken?.count ?? 0) > 300)
        #expect(keys.userKey.id.hasPrefix("AKIA") && keys.userKey.sessionToken == nil)
        _ = await keys.mint(for: session(start.addingTimeInterval(9000)), now: start.addingTimeInterval(3600))
        #expect(await keys.key(first.id) != nil)
        _ = await keys.mint(for: session(start.addingTimeInterval(9000)), now: start.addingTimeInterval(3661))
        #expect(await keys.key(first.id) == nil)
        #expect(await keys.key(keys.userKey.id) != nil)
    }
}
