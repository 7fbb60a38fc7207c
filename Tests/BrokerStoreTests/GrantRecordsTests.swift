import AccessControl
import BrokerStore
import Foundation
import Testing

@Suite("Requests and grants")
struct GrantRecordsTests {
    private func prepared() async throws -> (TemporaryRecords, AccessPolicy) {
        let file = try TemporaryRecords()
        let policy = try Sample.policy()
        _ = try await file.records.replaceCatalog(with: Sample.catalog([policy]), at: Sample.instant)
        return (file, policy)
    }

    @Test("A decided request is stored with its grant and both audit events, in that order")
    func addsAll() async throws {
        let (file, policy) = try await prepared()
        let decided = try Sample.allowed(policy)
        try await file.records.add(decided, at: Sample.instant)
        let grant = try await file.records.newestGrant(of: Sample.principal.id, at: Sample.instant)
        #expect(grant == decided.grant)
        let kinds = try await file.records.auditTrail(after: 1, limit: 10).map(\.event.kind)
        #expect(kinds == [.request, .decision])
    }

    @Test("A request id is used once: the second write changes nothing")
    func idsAreUnique() async throws {
        let (file, policy) = try await prepared()
        let decided = try Sample.allowed(policy)
        try await file.records.add(decided, at: Sample.instant)
        let error = await #expect(throws: StoreError.self) { try await file.records.add(decided, at: Sample.instant) }
        guard case .conditionFailed? = error else {
            Issue.record("expected a failed condition, got \(String(describing: error))")
            return
        }
        #expect(try await file.records.auditTrail(after: 1, limit: 10).count == 2)
    }

    @Test("Defect A4: a decision on a policy that has changed meanwhile is not stored")
    func staleDecision() async throws {
        let (file, policy) = try await prepared()
        let decided = try Sample.allowed(policy)
        _ = try await file.records.replaceCatalog(
            with: Sample.catalog([Sample.policy(risk: 90)]), at: Sample.instant)
        await #expect(throws: StoreError.self) { try await file.records.add(decided, at: Sample.instant) }
        #expect(try await file.records.newestGrant(of: Sample.principal.id, at: Sample.instant) == nil)
    }

    @Test("Defect A4: an issuance under a policy that has changed since the grant is not recorded")
    func staleIssuance() async throws {
        let (file, policy) = try await prepared()
        let grant = try #require(try Sample.allowed(policy).grant)
        try await file.records.add(
            DecidedRequest(
                Sample.allowed(policy).request, decision: Sample.allowed(policy).decision,
                policyVersion: policy.version, grant: nil), at: Sample.instant)
        await #expect(throws: StoreError.self) {
            try await file.records.record(Sample.issuance(under: grant), at: Sample.instant)
        }
        let decided = try Sample.allowed(policy)
        try await file.records.add(decided, at: Sample.instant)
        let issuance = Sample.issuance(under: try #require(decided.grant))
        try await file.records.record(issuance, at: Sample.instant)
        _ = try await file.records.replaceCatalog(with: Sample.catalog([]), at: Sample.instant)
        await #expect(throws: StoreError.self) { try await file.records.record(issuance, at: Sample.instant) }
    }

    @Test(
        "A grant's window includes its start and excludes its end",
        arguments: [
            (-1.0, false), (0, true), (3599, true), (3600, false), (1e9, false),
        ])
    func windows(offset: Double, isFound: Bool) async throws {
        let (file, policy) = try await prepared()
        let decided = try Sample.allowed(policy)
        try await file.records.add(decided, at: Sample.instant)
        let instant = Sample.instant.addingTimeInterval(offset)
        #expect((try await file.records.newestGrant(of: Sample.principal.id, at: instant) != nil) == isFound)
        let issuance = Sample.issuance(under: try #require(decided.grant))
        if !isFound {
            await #expect(throws: StoreError.self) { try await file.records.record(issuance, at: instant) }
        }
    }

    @Test("The newest grant for pick-up counts, and only the principal's own")
    func newestOwnGrant() async throws {
        let (file, policy) = try await prepared()
        let later = Sample.instant.addingTimeInterval(10)
        let newer = try Sample.allowed(policy, at: later)
        try await file.records.add(newer, at: later)
        try await file.records.add(try Sample.allowed(policy), at: Sample.instant)
        try await file.records.add(
            try Sample.allowed(policy, delivery: .immediate, at: later.addingTimeInterval(1)), at: later)
        let stranger = PrincipalID(issuer: "https://other.example", subject: "sub-1")
        let found = try await file.records.newestGrant(of: Sample.principal.id, at: later.addingTimeInterval(2))
        #expect(found?.requestID == newer.request.id)
        #expect(try await file.records.newestGrant(of: stranger, at: later) == nil)
    }
}
