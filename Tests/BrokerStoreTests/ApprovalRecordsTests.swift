import AccessControl
import BrokerStore
import Foundation
import Testing

@Suite("Approval records")
struct ApprovalRecordsTests {
    private static let approver = Principal(
        id: PrincipalID(issuer: "https://idp.example", subject: "sub-2"), userName: "approver", teams: ["security"],
        claims: [:])

    /// A request that waits, stored.
    private func pending(_ file: TemporaryRecords, at instant: Date = Sample.instant) async throws -> ApprovalCase {
        let policy = try Sample.policy()
        _ = try await file.records.replaceCatalog(with: Sample.catalog([policy]), at: Sample.instant)
        let decided = try Sample.allowed(policy, at: instant)
        let approval = Sample.approval(of: decided.request, policy)
        try await file.records.add(
            DecidedRequest(
                decided.request, decision: decided.decision, policyVersion: policy.version, grant: nil,
                approval: approval), at: instant)
        return approval
    }

    private func approved(_ approval: ApprovalCase) throws -> CaseChange {
        var approval = approval
        try approval.vote(
            .approve, by: Self.approver, under: nil, comment: nil, having: approval.contentHash, at: Sample.instant)
        let window = try #require(approval.window)
        let content = approval.content
        let grant = Grant(
            requestID: approval.requestID, principal: content.requester, userName: approval.userName,
            policyID: content.policyID, policyVersion: PolicyVersion(stored: content.policyVersion), tags: content.tags,
            delivery: .pickUp, notBefore: window.notBefore, notAfter: window.notAfter)
        let vote = try #require(approval.votes.last)
        return CaseChange(
            approval, events: [.vote(AuditedVote(vote, on: approval, source: Sample.source))], grant: grant)
    }

    private func revoked(_ approval: ApprovalCase) throws -> CaseChange {
        var approval = approval
        try approval.revoke(by: Self.approver, under: nil, at: Sample.instant)
        let event = AuditedStateChange(
            requestID: approval.requestID, of: Sample.principal.id, from: .active, to: .revoked, actor: Self.approver)
        return CaseChange(approval, events: [.stateChange(event)], revokesGrant: true)
    }

    @Test("A case reads back as it was written, by id and in lists, the newest first")
    func roundTrip() async throws {
        let file = try TemporaryRecords()
        let first = try await pending(file)
        let second = try await pending(file, at: Sample.instant.addingTimeInterval(1))
        #expect(try await file.records.approvalCase(first.requestID) == first)
        #expect(try await file.records.approvalCase(.random()) == nil)
        let requester = first.content.requester
        for selection in [
            CaseSelection.of(requester, policy: nil), .of(requester, policy: "reader"), .pending(at: Sample.instant),
        ] {
            #expect(try await file.records.approvalCases(selection, limit: 10) == [second, first])
            #expect(try await file.records.approvalCases(selection, limit: 1) == [second])
        }
        #expect(try await file.records.approvalCases(.of(requester, policy: "other"), limit: 10).isEmpty)
        #expect(try await file.records.approvalCases(.of(Self.approver.id, policy: nil), limit: 10).isEmpty)
        let afterwards = Sample.instant.addingTimeInterval(4000)
        #expect(try await file.records.approvalCases(.pending(at: afterwards), limit: 10).isEmpty)
    }

    @Test("What may still count of a policy is found by its state, whatever came after it")
    func standing() async throws {
        let file = try TemporaryRecords()
        let waiting = try await pending(file)
        let granted = try approved(try await pending(file, at: Sample.instant.addingTimeInterval(-1)))
        try await file.records.update(granted, at: Sample.instant)
        let ended = try approved(try await pending(file, at: Sample.instant.addingTimeInterval(-2)))
        try await file.records.update(ended, at: Sample.instant)
        let gone = try revoked(ended.approval)
        try await file.records.update(gone, at: Sample.instant)
        func found(after seconds: TimeInterval, _ policy: String = "reader") async throws -> [ApprovalCase] {
            let instant = Sample.instant.addingTimeInterval(seconds)
            let selection = CaseSelection.standing(
                Sample.principal.id, policy: policy, at: instant, endedAfter: instant.addingTimeInterval(-600))
            return try await file.records.approvalCases(selection, limit: 10)
        }
        #expect(try await found(after: 0) == [waiting, granted.approval, gone.approval])
        #expect(try await found(after: 0, "other").isEmpty)
        #expect(try await found(after: 1801) == [waiting, granted.approval])
        #expect(try await found(after: 2401) == [waiting])
        #expect(try await found(after: 3601).isEmpty)
    }

    @Test("One that can't be read is named in lists and keeps back no other; whoever decides by it is told")
    func unreadable() async throws {
        let file = try TemporaryRecords()
        let first = try await pending(file)
        let broken = try await pending(file, at: Sample.instant.addingTimeInterval(1))
        let last = try await pending(file, at: Sample.instant.addingTimeInterval(2))
        let id = broken.requestID
        try file.tamper("UPDATE approvals SET document = '{' WHERE request_id = '\(id)'")
        let selection = CaseSelection.of(Sample.principal.id, policy: nil)
        let listed = try await file.records.listedCases(selection, after: nil, limit: 10)
        #expect(listed == ListedCases(cases: [last, first], unreadable: [id.description], next: nil))
        let part = try await file.records.listedCases(selection, after: CaseCursor(after: last), limit: 1)
        #expect(part == ListedCases(cases: [], unreadable: [id.description], next: CaseCursor(after: broken)))
        let rest = try await file.records.listedCases(selection, after: part.next, limit: 1)
        #expect(rest.cases == [first])
        await #expect(throws: StoreError.self) { _ = try await file.records.approvalCases(selection, limit: 10) }
        await #expect(throws: StoreError.self) { _ = try await file.records.approvalCase(id) }
    }

    @Test("No more wait than may, however many are added at once; what no longer waits makes room")
    func mostPending() async throws {
        let file = try TemporaryRecords()
        let policy = try Sample.policy()
        _ = try await file.records.replaceCatalog(with: Sample.catalog([policy]), at: Sample.instant)
        @Sendable func add(at instant: Date) async -> StoreError? {
            do {
                let decided = try Sample.allowed(policy, at: instant)
                let request = DecidedRequest(
                    decided.request, decision: decided.decision, policyVersion: policy.version, grant: nil,
                    approval: Sample.approval(of: decided.request, policy), mostPending: 3)
                try await file.records.add(request, at: instant)
                return nil
            } catch {
                return error as? StoreError ?? .unavailable("\(error)")
            }
        }
        let refusals = await withTaskGroup(of: StoreError?.self) { group in
            for _ in 0..<10 { group.addTask { await add(at: Sample.instant) } }
            return await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
        }
        #expect(refusals == [StoreError](repeating: .tooManyPending(3), count: 7))
        #expect(try await file.records.approvalCases(.pending(at: Sample.instant), limit: 10).count == 3)
        #expect(try await file.records.auditTrail(after: 0, limit: 100).filter { $0.event.kind == .request }.count == 3)
        #expect(await add(at: Sample.instant.addingTimeInterval(3600)) == nil, "the others have expired")
    }

    @Test("What yields is not added while another waits for the same, and nothing of it is")
    func yields() async throws {
        let file = try TemporaryRecords()
        let first = try await pending(file)
        let policy = try Sample.policy()
        func add(
            _ policy: AccessPolicy, by principal: Principal = Sample.principal, yields: Bool = true,
            mostPending: Int? = nil, after seconds: TimeInterval = 1
        ) async throws -> StoreError? {
            let instant = Sample.instant.addingTimeInterval(seconds)
            let decided = try Sample.allowed(policy, principal: principal, at: instant)
            let request = DecidedRequest(
                decided.request, decision: decided.decision, policyVersion: policy.version, grant: nil,
                approval: Sample.approval(of: decided.request, policy), mostPending: mostPending,
                yieldsToWaiting: yields)
            do throws(StoreError) {
                try await file.records.add(request, at: instant)
                return nil
            } catch {
                return error
            }
        }
        let before = try await file.records.auditTrail(after: 0, limit: 100).count
        #expect(try await add(policy) == .waitsAlready(first.requestID))
        #expect(try await add(policy, mostPending: 1) == .waitsAlready(first.requestID), "it is no further one")
        #expect(try await file.records.auditTrail(after: 0, limit: 100).count == before)
        #expect(try await file.records.approvalCases(.pending(at: Sample.instant), limit: 10) == [first])

        let other = Principal(
            id: PrincipalID(issuer: "https://idp.example", subject: "sub-9"), userName: "other", teams: [], claims: [:])
        #expect(try await add(policy, by: other) == nil)
        #expect(try await add(policy, yields: false) == nil, "people may ask twice")
        let changed = try Sample.policy(description: "other")
        _ = try await file.records.replaceCatalog(with: Sample.catalog([changed]), at: Sample.instant)
        #expect(try await add(changed) == nil, "what waits is for what the policy was")
        #expect(try await add(changed) != nil)
        #expect(try await add(changed, after: 3601) == nil, "the others have expired")
    }

    @Test("Of two who change the same revision one wins, and the other has changed nothing")
    func revisions() async throws {
        let file = try TemporaryRecords()
        let approval = try await pending(file)
        try await file.records.update(approved(approval), at: Sample.instant)
        let length = try await file.records.auditTrail(after: 0, limit: 100).count
        await #expect(throws: StoreError.self) { try await file.records.update(approved(approval), at: Sample.instant) }
        #expect(try await file.records.auditTrail(after: 0, limit: 100).count == length)
        #expect(try await file.records.approvalCase(approval.requestID)?.revision == 2)
    }

    @Test("Defect A4: an approval under a policy that has changed since gives no grant")
    func stalePolicy() async throws {
        let file = try TemporaryRecords()
        let approval = try await pending(file)
        _ = try await file.records.replaceCatalog(
            with: Sample.catalog([Sample.policy(description: "other")]), at: Sample.instant)
        await #expect(throws: StoreError.self) { try await file.records.update(approved(approval), at: Sample.instant) }
        #expect(try await file.records.approvalCase(approval.requestID) == approval)
        #expect(try await file.records.grant(approval.requestID) == nil)
    }

    @Test("Under a revoked grant nothing is found, recorded, or revoked again")
    func revocation() async throws {
        let file = try TemporaryRecords()
        let change = try approved(try await pending(file))
        try await file.records.update(change, at: Sample.instant)
        let grant = try #require(change.grant)
        #expect(try await file.records.newestGrant(of: grant.principal, at: Sample.instant) == grant)
        try await file.records.update(revoked(change.approval), at: Sample.instant)
        #expect(try await file.records.newestGrant(of: grant.principal, at: Sample.instant) == nil)
        #expect(try await file.records.grant(grant.requestID)?.isRevoked == true)
        await #expect(throws: StoreError.self) {
            try await file.records.record(Sample.issuance(under: grant), at: Sample.instant)
        }
        let event = AuditedStateChange(
            requestID: grant.requestID, of: Sample.principal.id, from: .active, to: .revoked, actor: nil)
        await #expect(throws: StoreError.self) {
            try await file.records.revokeGrant(grant.requestID, event: event, at: Sample.instant)
        }
    }

    @Test("A grant without a case is revoked by its id")
    func grantAlone() async throws {
        let file = try TemporaryRecords()
        let policy = try Sample.policy()
        _ = try await file.records.replaceCatalog(with: Sample.catalog([policy]), at: Sample.instant)
        let decided = try Sample.allowed(policy, delivery: .immediate)
        try await file.records.add(decided, at: Sample.instant)
        let event = AuditedStateChange(
            requestID: decided.request.id, of: Sample.principal.id, from: .active, to: .revoked, actor: nil)
        try await file.records.revokeGrant(decided.request.id, event: event, at: Sample.instant)
        #expect(try await file.records.grant(decided.request.id)?.isRevoked == true)
        #expect(try await file.records.auditTrail(after: 0, limit: 100).last?.event == .stateChange(event))
    }
}
