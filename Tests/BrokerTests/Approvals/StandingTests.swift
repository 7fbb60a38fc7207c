import AccessControl
import Foundation
import HTTPTypes
import Testing

@testable import Broker

/// What a program gets that keeps asking, after people have said something.
@Suite struct StandingTests {
    private let broker: BrokerUnderTest
    private let requests: RequestsUnderTest

    init() async throws {
        broker = try await BrokerUnderTest()
        requests = RequestsUnderTest(broker: broker)
    }

    @Test
    func `what was allowed at once and is revoked is not allowed again by asking again, until it would have ended`()
        async throws
    {
        let issued = try await broker.ask("reader")
        #expect(try await requests.post("revoke", issued).status == 200)
        for _ in 0..<2 {
            let refused = try await broker.ask("reader")
            #expect(refused.status == 403 && refused.detail.contains("revoked"))
            #expect(refused.json["request_id"] as? String == (try requests.id(issued)))
        }
        #expect(try await broker.send(.post, "/v1/console-links", body: #"{"policy":"reader"}"#).status == 403)
        #expect(broker.sts.calls.count == 1)
        broker.clock.advance(by: 900)
        #expect(try await broker.ask("reader").status == 200)
    }

    @Test func `what was allowed at once can be revoked while its policy can't be read`() async throws {
        let issued = try await broker.ask("reader")
        try broker.tamper("UPDATE policies SET document = '{}' WHERE id = 'reader'")
        #expect(try await requests.post("revoke", issued, as: FakeTokens.stranger).status == 404)
        #expect(try await requests.post("revoke", issued).json["state"] as? String == "revoked")
    }

    @Test func `a revocation is of one person's one policy, and a person may ask anew`() async throws {
        let issued = try await broker.ask("reader")
        #expect(try await requests.post("revoke", issued).status == 200)
        #expect(try await broker.ask("reader", token: FakeTokens.oddName).status == 200)
        let anew = try await requests.ask("reader")
        #expect(anew.json["state"] as? String == "active")
        #expect(try await broker.ask("reader").json["request_id"] as? String == (try requests.id(anew)))
    }

    @Test func `a revocation under a policy that has changed since counts no more`() async throws {
        let issued = try await broker.ask("reader")
        #expect(try await requests.post("revoke", issued).status == 200)
        try await broker.load(BrokerUnderTest.policies.replacing("description: reads", with: "description: reads all"))
        #expect(try await broker.ask("reader").status == 200)
    }

    @Test func `a revocation holds whatever became of grants under the policy as it was before`() async throws {
        // It ends long after what is issued next.
        _ = try await requests.ask("reader")
        try await broker.load(BrokerUnderTest.policies.replacing("description: reads", with: "description: reads all"))
        await ApprovalWatch(records: broker.records, logger: broker.logger, now: { [broker] in broker.clock.now })
            .look()
        let issued = try await broker.ask("reader")
        #expect(try await requests.post("revoke", issued).status == 200)
        let refused = try await broker.ask("reader")
        #expect(refused.status == 403 && refused.detail.contains("revoked"))
    }

    @Test func `when an approved window has ended, a program that goes on does not ask approvers again by itself`()
        async throws
    {
        let request = try await requests.granted()
        #expect(try await broker.ask("admin").status == 200)
        broker.clock.advance(by: 1800)
        let refused = try await broker.ask("admin")
        #expect(refused.status == 403 && refused.detail.contains("has ended"))
        #expect(refused.json["request_id"] as? String == (try requests.id(request)))
        #expect(try await requests.ask().json["state"] as? String == "pending", "a person may")
        #expect(try await broker.ask("admin").status == 202)
    }

    @Test func `half an hour after the end, a program asks as if for the first time`() async throws {
        _ = try await requests.granted()
        broker.clock.advance(by: 1800 + CredentialIssuance.pauseAfterEnd - 1)
        #expect(try await broker.ask("admin").status == 403)
        broker.clock.advance(by: 1)
        #expect(try await broker.ask("admin").status == 202)
    }

    /// More of them than any one read of the records gives.
    private func askAndCancel(_ count: Int = 120) async throws {
        for _ in 0..<count { #expect(try await requests.post("cancel", requests.ask()).status == 200) }
    }

    @Test func `what came later and no longer counts hides nothing that was approved`() async throws {
        let request = try await requests.granted()
        try await askAndCancel()
        let issued = try await broker.ask("admin")
        #expect(issued.status == 200)
        #expect(issued.json["request_id"] as? String == (try requests.id(request)))
    }

    @Test(arguments: ["deny", "approve"])
    func `what came later and no longer counts hides nothing that was denied or revoked`(choice: String) async throws {
        let request = try await requests.ask()
        #expect(try await requests.decide(request, choice).status == 200)
        if choice == "approve" { #expect(try await requests.post("revoke", request).status == 200) }
        try await askAndCancel()
        let refused = try await broker.ask("admin")
        #expect(refused.status == 403)
        #expect(refused.json["request_id"] as? String == (try requests.id(request)))
    }

    @Test func `more grants that begin later than one read gives don't hide the one that is active`() async throws {
        let request = try await requests.granted()
        let id = try requests.id(request)
        for _ in 0..<105 { _ = try await requests.granted(after: 600) }
        #expect(try await broker.ask("admin").json["request_id"] as? String == id)
    }

    @Test func `a policy's condition is judged again whenever something is minted under an approval`() async throws {
        let condition = #"risk: 80, condition: {DateLessThan: {"broker:CurrentTime": "2027-01-15T08:15:00Z"}},"#
        try await broker.load(BrokerUnderTest.policies.replacing("risk: 80,", with: condition))
        let request = try await requests.granted()
        #expect(try await broker.ask("admin").status == 200)
        #expect(try await broker.send(.get, "/credentials").body.contains("AccessKeyId"))
        broker.clock.advance(by: 901)
        #expect(try await requests.state(request) == "active")
        for refused in [try await broker.ask("admin"), try await broker.send(.get, "/credentials")] {
            #expect(refused.problemCode == "access_denied")
            #expect(refused.detail.contains("condition on broker:CurrentTime"), "\(refused.detail)")
        }
        #expect(broker.sts.calls.count == 2)
        #expect(try await broker.auditKinds().suffix(2) == [.refusal, .refusal])
    }

    @Test func `a second factor that is missing or too old gets nothing under an approval, until the next sign-in`()
        async throws
    {
        try await broker.load(
            BrokerUnderTest.policies.replacing("risk: 80,", with: "risk: 80, requirements: {mfa: {within: 20m}},"))
        let body = #"{"policy":"admin","duration_seconds":3600}"#
        let request = try await broker.send(.post, "/v1/requests", token: FakeTokens.mfa, body: body)
        #expect(request.status == 201)
        #expect(try await requests.decide(request).status == 200)
        #expect(try await broker.ask("admin", token: FakeTokens.mfa).status == 200)
        #expect(try await broker.send(.get, "/credentials", token: FakeTokens.mfa).body.contains("AccessKeyId"))
        broker.clock.advance(by: 1800)
        for token in [FakeTokens.mfa, FakeTokens.developer] {
            for refused in [
                try await broker.ask("admin", token: token), try await broker.send(.get, "/credentials", token: token),
            ] {
                #expect(refused.problemCode == "requirement_unmet")
                #expect(refused.detail.contains("sign in again with MFA"), "\(refused.detail)")
            }
        }
        #expect(broker.sts.calls.count == 2)
        #expect(try await broker.auditKinds().suffix(4) == [.refusal, .refusal, .refusal, .refusal])
        #expect(try await broker.ask("admin", token: FakeTokens.mfaAgain).status == 200)
    }
}
