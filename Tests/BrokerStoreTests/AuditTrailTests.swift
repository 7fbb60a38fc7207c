import AccessControl
import BrokerStore
import Foundation
import GRDB
import Testing

@Suite("Audit trail")
struct AuditTrailTests {
    private func event(_ number: Int) -> AuditEvent {
        .authenticationFailure(
            AuditedAuthenticationFailure(problem: "expired", path: "/\(number)", source: Sample.source, suppressed: 0))
    }

    private func trail(of count: Int) async throws -> TemporaryRecords {
        let file = try TemporaryRecords()
        for number in 0..<count { try await file.records.append(event(number), at: Sample.instant) }
        return file
    }

    @Test("Every kind of event reads back as it was written")
    func roundTrip() async throws {
        let file = try TemporaryRecords()
        let policy = try Sample.policy()
        let decided = try Sample.allowed(policy)
        let grant = try #require(decided.grant)
        let approval = Sample.approval(of: decided.request, policy)
        let vote = ApprovalCase.Vote(
            voter: decided.request.principal.id, userName: "approver", choice: .approve, comment: "yes",
            at: Sample.instant)
        let events: [AuditEvent] = [
            .request(AuditedRequest(decided.request)),
            .decision(AuditedDecision(decided.decision, on: decided.request, policyVersion: policy.version)),
            .issuance(Sample.issuance(under: grant)),
            .refusal(AuditedRefusal(of: grant, code: "upstream_refused", detail: "no", source: Sample.source)),
            .vote(AuditedVote(vote, on: approval, source: Sample.source)),
            .stateChange(
                AuditedStateChange(
                    requestID: approval.requestID, of: Sample.principal.id, from: .pending, to: .active,
                    actor: decided.request.principal,
                    comment: "as agreed")),
            .policyChange(AuditedPolicyChange(subject: .policy, id: "a", change: .added, version: "v")),
            event(1),
            .roleDenial(AuditedRoleDenial(roleARN: "arn:aws:iam::1:role/a", sessionNames: ["b"], outcome: .denied)),
        ]
        #expect(Set(events.map(\.kind)) == Set(AuditEvent.Kind.allCases))
        for event in events { try await file.records.append(event, at: Sample.instant) }
        let records = try await file.records.auditTrail(after: 0, limit: 100)
        #expect(records.map(\.event) == events)
        #expect(records.map(\.sequence) == Array(1...9))
        #expect(records.allSatisfy { $0.at == Sample.instant })
        #expect(try await file.records.firstBrokenAuditRecord(after: nil) == nil)
    }

    @Test(
        "What is in the trail can be neither changed, deleted, replaced nor filled in",
        arguments: [
            "UPDATE audit SET details = '{}'", "UPDATE audit SET at = 0 WHERE sequence = 2", "DELETE FROM audit",
            "DELETE FROM audit WHERE sequence = 3",
            "INSERT OR REPLACE INTO audit SELECT 2, at, kind, request_id, '{}', hash FROM audit WHERE sequence = 1",
            "REPLACE INTO audit SELECT 3, at, kind, request_id, '{}', hash FROM audit WHERE sequence = 1",
            "INSERT INTO audit SELECT 9, at, kind, request_id, '{}', hash FROM audit WHERE sequence = 1",
            "INSERT INTO audit SELECT 0, at, kind, request_id, '{}', hash FROM audit WHERE sequence = 1",
        ])
    func appendOnly(_ sql: String) async throws {
        let file = try await trail(of: 3)
        let before = try await file.records.auditTrail(after: 0, limit: 10)
        let error = #expect(throws: DatabaseError.self) { try file.tamper(sql) }
        #expect(error?.message?.contains("append-only") == true, "\(String(describing: error))")
        #expect(try await file.records.auditTrail(after: 0, limit: 10) == before)
    }

    @Test(
        "Tampering past the triggers shows in the chain",
        arguments: [
            ("UPDATE audit SET details = replace(details, 'expired', 'exquired') WHERE sequence = 2", 2),
            ("UPDATE audit SET at = at + 1 WHERE sequence = 3", 3),
            ("UPDATE audit SET request_id = 'another' WHERE sequence = 2", 2),
            ("DELETE FROM audit WHERE sequence = 1", 1),
            ("UPDATE audit SET sequence = 99 WHERE sequence = 3", 3),
        ])
    func chain(sql: String, broken: Int64) async throws {
        let file = try await trail(of: 4)
        try file.tamper("DROP TRIGGER audit_is_never_updated; DROP TRIGGER audit_is_never_deleted; \(sql)")
        #expect(try await file.records.firstBrokenAuditRecord(after: nil) == broken)
    }

    @Test("Concurrent appends make one gapless chain")
    func concurrentAppends() async throws {
        let file = try TemporaryRecords()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask { try await file.records.append(event(number), at: Sample.instant) }
            }
            try await group.waitForAll()
        }
        let records = try await file.records.auditTrail(after: 0, limit: 100)
        #expect(records.map(\.sequence) == Array(1...40))
        #expect(Set(records.map(\.hash)).count == 40)
        #expect(try await file.records.firstBrokenAuditRecord(after: nil) == nil)
    }
}
