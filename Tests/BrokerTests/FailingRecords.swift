import AccessControl
import BrokerStore
import Foundation
import Synchronization
import TestSupport
import Testing

/// Real records that fail on demand.
final class FailingRecords: BrokerRecords {
    enum Act: Hashable, Sendable { case read, add, record, append }

    let base: SQLiteRecords
    private let failing = Mutex<Set<Act>>([])
    private let reads = Mutex(0)
    private let listings = Mutex(0)
    private let meeting = Mutex<Meeting?>(nil)

    /// How often a policy was asked for.
    var policyReads: Int { reads.withLock { $0 } }
    /// How often a part of a list of requests was asked for.
    var caseListings: Int { listings.withLock { $0 } }

    init(_ base: SQLiteRecords) { self.base = base }

    func fail(_ acts: Act...) { failing.withLock { $0 = Set(acts) } }

    /// Adds nothing before so many are about to add something.
    func holdAdds(until count: Int) { meeting.withLock { $0 = Meeting(of: count) } }

    private func check(_ act: Act) throws(StoreError) {
        if failing.withLock({ $0.contains(act) }) { throw .unavailable("the disk is full") }
    }

    func policy(_ id: String) async throws(StoreError) -> AccessPolicy? {
        try check(.read)
        reads.withLock { $0 += 1 }
        return try await base.policy(id)
    }

    func teams(_ ids: [String]) async throws(StoreError) -> [Team] {
        try check(.read)
        return try await base.teams(ids)
    }

    func catalogExcerpt(policy id: String, teams: [String]) async throws(StoreError) -> CatalogExcerpt {
        try check(.read)
        reads.withLock { $0 += 1 }
        return try await base.catalogExcerpt(policy: id, teams: teams)
    }

    func standingRecords(
        of principal: PrincipalID, policy: String, teams: [String], at instant: Date, endedAfter end: Date, limit: Int
    ) async throws(StoreError) -> StandingRecords {
        try check(.read)
        return try await base.standingRecords(
            of: principal, policy: policy, teams: teams, at: instant, endedAfter: end, limit: limit)
    }

    func add(_ decided: DecidedRequest, at instant: Date) async throws(StoreError) {
        try check(.add)
        await meeting.withLock { $0 }?.arrive()
        try await base.add(decided, at: instant)
    }

    func newestGrant(of principal: PrincipalID, at instant: Date) async throws(StoreError) -> Grant? {
        try check(.read)
        return try await base.newestGrant(of: principal, at: instant)
    }

    func grant(_ id: RequestID) async throws(StoreError) -> Grant? {
        try check(.read)
        return try await base.grant(id)
    }

    func revokeGrant(_ id: RequestID, event: AuditedStateChange, at instant: Date) async throws(StoreError) {
        try check(.record)
        try await base.revokeGrant(id, event: event, at: instant)
    }

    func approvalCase(_ id: RequestID) async throws(StoreError) -> ApprovalCase? {
        try check(.read)
        return try await base.approvalCase(id)
    }

    func listedCases(
        _ selection: CaseSelection, after cursor: CaseCursor?, limit: Int
    ) async throws(StoreError) -> ListedCases {
        try check(.read)
        listings.withLock { $0 += 1 }
        return try await base.listedCases(selection, after: cursor, limit: limit)
    }

    func update(_ change: CaseChange, at instant: Date) async throws(StoreError) {
        try check(.record)
        try await base.update(change, at: instant)
    }

    func record(_ issuance: AuditedIssuance, at instant: Date) async throws(StoreError) {
        try check(.record)
        try await base.record(issuance, at: instant)
    }

    func append(_ event: AuditEvent, at instant: Date) async throws(StoreError) {
        try check(.append)
        try await base.append(event, at: instant)
    }

    func auditLines(after sequence: Int64, limit: Int) async throws(StoreError) -> [AuditLine] {
        try check(.read)
        return try await base.auditLines(after: sequence, limit: limit)
    }

    func auditExcerpt(about session: String) async throws(StoreError) -> AuditExcerpt {
        try check(.read)
        return try await base.auditExcerpt(about: session)
    }

    func auditTrail(after sequence: Int64, limit: Int) async throws(StoreError) -> [AuditRecord] {
        try check(.read)
        return try await base.auditTrail(after: sequence, limit: limit)
    }
}

/// Lets nobody go on before so many have come, but for a minute at most.
private final class Meeting: Sendable {
    private let count: Int
    private let arrived = Atomic(0)

    init(of count: Int) { self.count = count }

    func arrive() async {
        arrived.add(1, ordering: .relaxed)
        do {
            try await awaited("all have come") { arrived.load(ordering: .relaxed) >= count }
        } catch {
            Issue.record(error)
        }
    }
}
