import AccessControl
import Foundation
import GRDB
import Synchronization
import Testing

@testable import BrokerStore

/// What is asked at each request, or again and again, must not cost more with all that ever was.
@Suite struct QueryPlanTests {
    struct Query: Sendable, CustomTestStringConvertible {
        /// The index that finds it, with the columns that it is found by.
        let index: String
        let ask: @Sendable (Database) throws -> Void

        init(_ index: String, _ ask: @escaping @Sendable (Database) throws -> Void) {
            self.index = index
            self.ask = ask
        }

        var testDescription: String { index }
    }

    private static let (who, instant) = (Sample.principal.id, Sample.instant)

    static let queries = [
        Query("grants_to_pick_up (issuer=? AND subject=? AND not_after>?)") {
            _ = try $0.grantToPickUp(by: who, at: instant)
        },
        Query("grants_revoked_by_principal (issuer=? AND subject=? AND policy_id=? AND not_after>?)") {
            _ = try $0.revokedGrants(of: who, policy: "reader", at: instant)
        },
        Query("approvals_that_count (issuer=? AND subject=? AND policy_id=? AND counts_until>?)") {
            let standing = CaseSelection.standing(who, policy: "reader", at: instant, endedAfter: instant)
            _ = try $0.listedCases(standing, after: nil, limit: 10)
        },
        Query("approvals_that_count (issuer=? AND subject=? AND policy_id=? AND counts_until>?)") {
            let policy = try Sample.policy()
            let request = try Sample.allowed(policy).request
            try $0.requireNoneWaiting(for: Sample.approval(of: request, policy).content, at: instant)
        },
        Query("approvals_by_end (state=? AND ends_at>?)") {
            _ = try $0.listedCases(.granted(at: instant), after: nil, limit: 10)
        },
        Query("approvals_pending (issuer=? AND subject=? AND expires_at>?)") {
            try $0.requirePending(of: who, fewerThan: 25, at: instant)
        },
        Query("grants_revoked (not_after>?)") { _ = try $0.revokedSessions(ofGrantsEndingAfter: instant) },
        Query("audit_by_access_key (<expr>=?)") { _ = try $0.auditExcerpt(about: "ASIAEXAMPLE") },
        Query("audit_by_session (<expr>=?)") { _ = try $0.auditExcerpt(about: "developer") },
        Query("audit_by_request (request_id=?)") { _ = try $0.auditSteps(ofRequest: "r") },
        Query("audit_by_request (request_id=?)") { _ = try $0.auditedRefusals(ofRequest: "r", limit: 10) },
        Query("audit_by_request (request_id=?)") { _ = try $0.issuanceCount(ofRequest: "r") },
    ]

    @Test(arguments: queries)
    func `it is found by its index`(_ query: Query) throws {
        let file = try TemporaryRecords()
        let plan = try DatabaseQueue(path: file.path).read { database in
            let statements = Mutex<[String]>([])
            database.trace { event in
                guard case .statement(let statement) = event else { return }
                statements.withLock { $0.append(statement.expandedSQL) }
            }
            try query.ask(database)
            database.trace(options: [])
            return try statements.withLock { $0 }.flatMap { statement in
                try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN \(statement)").map { $0["detail"] as String }
            }
        }
        #expect(plan.contains { $0.hasSuffix("INDEX \(query.index)") }, "\(plan)")
        #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.hasPrefix("SCAN (subquery") }, "\(plan)")
    }
}
