import AWSAPI
import AccessControl
import BrokerStore
import Credentials
import Foundation
import Hummingbird
import Testing

@Suite("CredentialIssuance")
struct CredentialIssuanceTests {
    @Test("Credentials leave with the role, the tags, the session's name and the user's source identity")
    func issues() async throws {
        let broker = try await BrokerUnderTest()
        let answer = try await broker.ask("reader", seconds: 1800)
        #expect(answer.status == 200)
        #expect(answer.headers[.cacheControl] == "no-store")
        #expect(answer.json["access_key_id"] as? String == "ASIAEXAMPLE1")
        #expect(answer.json["secret_access_key"] as? String == FakeSTS.secretKey)
        #expect(answer.json["session_token"] as? String == FakeSTS.sessionToken)
        #expect(answer.json["role_arn"] as? String == "arn:aws:iam::111122223333:role/Reader")
        #expect(answer.json["expiration"] as? String == "2027-01-15T08:30:00Z")
        let call = try #require(broker.sts.calls.first)
        #expect(call.roleSessionName == "developer")
        #expect(call.sourceIdentity == "developer")
        #expect(call.durationSeconds == 1800)
        #expect(
            call.tags == [SessionTag(key: "department", value: "research"), SessionTag(key: "stage", value: "dev")])
        #expect(try await broker.auditKinds() == [.request, .decision, .issuance])
    }

    @Test func `a policy can leave the source identity out, and the session's name is still the user's`() async throws {
        let policies = BrokerUnderTest.policies.replacing("risk: 10,", with: "risk: 10, source_identity: false,")
        let broker = try await BrokerUnderTest(policies: policies)
        #expect(try await broker.ask("reader").status == 200)
        let call = try #require(broker.sts.calls.first)
        #expect(call.sourceIdentity == nil && call.roleSessionName == "developer")
        let last = try await broker.records.auditTrail(after: 0, limit: 100).last?.event
        guard case .issuance(let issuance)? = last else {
            Issue.record("expected an issuance, got \(String(describing: last))")
            return
        }
        #expect(issuance.sourceIdentity == "" && issuance.sessionName == "developer")
        #expect(issuance.userName == "developer")
    }

    @Test(
        "Without a duration the policy's longest is used, but an hour when roles are chained",
        arguments: [
            (false, 7200), (true, 3600),
        ])
    func defaultDuration(chains: Bool, seconds: Int) async throws {
        let broker = try await BrokerUnderTest(chainsRoles: chains)
        #expect(try await broker.ask("reader", seconds: nil).status == 200)
        #expect(broker.sts.calls.first?.durationSeconds == seconds)
    }

    @Test(
        "What cannot be recorded is not issued",
        arguments: [
            (FailingRecords.Act.add, 0), (.record, 1), (.read, 0),
        ])
    func auditComesFirst(act: FailingRecords.Act, calls: Int) async throws {
        let broker = try await BrokerUnderTest()
        broker.records.fail(act)
        let answer = try await broker.ask("reader")
        #expect(answer.status == 503)
        #expect(answer.problemCode == "temporarily_unavailable")
        #expect(answer.headers[.retryAfter] != nil)
        #expect(!answer.body.contains("ASIA") && !answer.body.contains(FakeSTS.secretKey))
        #expect(broker.sts.calls.count == calls)
    }

    @Test("Credentials that could not be recorded are withheld, and the trail says so once it can")
    func withheld() async throws {
        let broker = try await BrokerUnderTest()
        broker.records.fail(.record)
        _ = try await broker.ask("reader")
        #expect(try await broker.records.auditTrail(after: 0, limit: 1).count == 1)
        let last = try await broker.records.auditTrail(after: 0, limit: 100).last?.event
        guard case .refusal(let refusal)? = last else {
            Issue.record("expected a refusal, got \(String(describing: last))")
            return
        }
        #expect(refusal.detail.contains("ASIAEXAMPLE1") && refusal.accessKeyID == "ASIAEXAMPLE1")
    }

    @Test("Request and decision are on disk before STS is called")
    func recordsBeforeAssuming() async throws {
        let broker = try await BrokerUnderTest()
        let seen = AuditSnapshot()
        broker.sts.onCall { [records = broker.records] in
            await seen.set((try? await records.auditTrail(after: 0, limit: 100))?.map(\.event.kind) ?? [])
        }
        _ = try await broker.ask("reader")
        #expect(await seen.kinds.suffix(2) == [.request, .decision])
    }

    private actor AuditSnapshot {
        private(set) var kinds: [AuditEvent.Kind] = []
        func set(_ kinds: [AuditEvent.Kind]) { self.kinds = kinds }
    }

    @Test("Risk over 50 is recorded, answered 202, and never reaches STS")
    func highRisk() async throws {
        let broker = try await BrokerUnderTest()
        let answer = try await broker.ask("admin")
        #expect(answer.status == 202)
        #expect(answer.json["status"] as? String == "needs_approval")
        #expect((answer.json["request_id"] as? String).flatMap(RequestID.init) != nil)
        #expect(broker.sts.calls.isEmpty)
        #expect(try await broker.auditKinds() == [.request, .decision])
    }

    @Test(
        "What STS refuses, throttles or cannot do becomes a problem and an audited refusal",
        arguments: [
            (AWSError.refused(code: "AccessDenied", status: 403, message: "<secret>"), 502, "upstream_refused"),
            (.refused(code: "ValidationError", status: 400, message: "<secret>"), 502, "upstream_refused"),
            (.refused(code: "PackedPolicyTooLarge", status: 400, message: "<secret>"), 422, "limit_exceeded"),
            (.refused(code: "MalformedPolicyDocument", status: 400, message: "<secret>"), 422, "limit_exceeded"),
            (.throttled(retryAfter: .seconds(7)), 503, "temporarily_unavailable"),
            (.unavailable("connection refused"), 503, "temporarily_unavailable"),
            (.invalidAnswer("no Credentials"), 503, "temporarily_unavailable"),
            (.keysRefused(code: "InvalidClientTokenId", status: 403, message: "m"), 500, "internal_error"),
            (.keysUnavailable("gone"), 503, "temporarily_unavailable"),
            (.misconfigured("no URL"), 500, "internal_error"),
        ])
    func stsFailures(error: AWSError, status: Int, code: String) async throws {
        let broker = try await BrokerUnderTest()
        broker.sts.fail(with: error)
        let answer = try await broker.ask("reader")
        #expect(answer.status == status)
        #expect(answer.problemCode == code)
        #expect(!answer.body.contains("<secret>"))
        #expect(try await broker.auditKinds() == [.request, .decision, .refusal])
    }

    @Test("Defect A4: a policy that changes while its role is assumed issues nothing")
    func policyChangesMeanwhile() async throws {
        let broker = try await BrokerUnderTest()
        let riskier = BrokerUnderTest.policies.replacing("risk: 10", with: "risk: 90")
        broker.sts.onCall { [broker] in try? await broker.load(riskier) }
        let answer = try await broker.ask("reader")
        #expect(broker.sts.calls.count == 1)
        #expect(answer.status == 403)
        #expect(!answer.body.contains(FakeSTS.secretKey))
        #expect(try await !broker.auditKinds().contains(.issuance))
    }

    @Test func `an external id from before web identities is no failure of the broker, and is recorded`() async throws {
        let policies = BrokerUnderTest.policies.replacing("risk: 10,", with: "risk: 10, external_id: shared,")
        let broker = try await BrokerUnderTest(policies: policies)
        broker.sts.takeNoExternalID()
        let answer = try await broker.ask("reader")
        #expect(answer.status == 422 && answer.problemCode == "policy_unusable", "\(answer.body)")
        #expect(broker.sts.calls.isEmpty)
        let trail = try await broker.records.auditTrail(after: 0, limit: 100)
        #expect(trail.contains { "\($0.event)".contains("external_id is impossible with aws.mode web_identity") })
    }

    @Test(
        "Defect A4: a stored policy without a usable risk approves nothing",
        arguments: [
            "json_remove(document, '$.risk')", "json_set(document, '$.risk', 'low')",
            "json_set(document, '$.risk', NULL)",
            "json_set(document, '$.risk', 0)", "json_set(document, '$.risk', -5)", "json_set(document, '$.risk', 1)",
        ])
    func unusableRisk(_ change: String) async throws {
        let broker = try await BrokerUnderTest()
        try broker.tamper("UPDATE policies SET document = \(change) WHERE id = 'reader'")
        let answer = try await broker.ask("reader")
        #expect(answer.status == 422)
        #expect(answer.problemCode == "policy_unusable")
        #expect(broker.sts.calls.isEmpty)
        #expect(try await broker.auditKinds() == [.request, .decision])
    }

    @Test("Two issuances at once are two requests with their own records")
    func concurrentIssuances() async throws {
        let broker = try await BrokerUnderTest()
        async let first = broker.ask("reader")
        async let second = broker.ask("reader")
        let answers = try await [first, second]
        #expect(answers.allSatisfy { $0.status == 200 })
        #expect(Set(answers.compactMap { $0.json["request_id"] as? String }).count == 2)
        #expect(Set(answers.compactMap { $0.json["access_key_id"] as? String }).count == 2)
        let kinds = try await broker.auditKinds()
        #expect(kinds.count(where: { $0 == .issuance }) == 2)
        #expect(kinds.count == 6)
    }

    @Test("A tag that AWS would refuse is refused before STS, with the rule named")
    func tagLimit() async throws {
        let broker = try await BrokerUnderTest()
        let answer = try await broker.ask("reader", token: FakeTokens.longTag)
        #expect(answer.status == 422)
        #expect(answer.problemCode == "limit_exceeded")
        #expect(answer.detail.contains("Tags"))
        #expect(broker.sts.calls.isEmpty)
        #expect(try await broker.auditKinds() == [.request, .decision])
    }
}
