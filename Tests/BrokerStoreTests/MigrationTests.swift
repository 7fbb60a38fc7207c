import AccessControl
import Foundation
import GRDB
import Testing

@testable import BrokerStore

@Suite struct MigrationTests {
    /// A row of each table as it was before cases could be stored as expired.
    private func insert(_ approval: ApprovalCase, into database: Database) throws {
        let (id, requester) = (approval.requestID.description, approval.content.requester)
        try database.execute(
            sql: """
                INSERT INTO requests (id, issuer, subject, user_name, policy_id, state, received_at)
                    VALUES (?, ?, ?, 'developer', 'reader', 'needs_approval', 0)
                """, arguments: [id, requester.issuer, requester.subject])
        try database.execute(
            sql: """
                INSERT INTO approvals (request_id, revision, state, issuer, subject, policy_id, created_at, expires_at, document)
                    VALUES (?, ?, ?, ?, ?, 'reader', ?, ?, ?)
                """,
            arguments: [
                id, approval.revision, approval.stored.rawValue, requester.issuer, requester.subject,
                approval.createdAt.milliseconds, approval.expiresAt.milliseconds,
                String(decoding: try JSONEncoder().encode(approval), as: UTF8.self),
            ])
        guard let window = approval.window else { return }
        try database.execute(
            sql: """
                INSERT INTO grants (request_id, issuer, subject, user_name, policy_id, policy_version, tags, delivery, not_before,
                    not_after) VALUES (?, ?, ?, 'developer', 'reader', 'v', '[]', 'pick_up', ?, ?)
                """,
            arguments: [
                id, requester.issuer, requester.subject, window.notBefore.milliseconds, window.notAfter.milliseconds,
            ])
    }

    @Test func `requests of a database from before are all there afterwards, and known by when they end`() async throws
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "records-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "broker.sqlite").path()
        let policy = try Sample.policy()
        let approver = Principal(
            id: PrincipalID(issuer: "https://idp.example", subject: "sub-2"), userName: "approver", teams: ["security"],
            claims: [:])
        let pending = Sample.approval(of: try Sample.allowed(policy).request, policy)
        let later = Sample.instant.addingTimeInterval(1)
        var granted = Sample.approval(of: try Sample.allowed(policy, at: later).request, policy)
        try granted.vote(
            .approve, by: approver, under: nil, comment: nil, having: granted.contentHash, at: later)
        do {
            let old = try DatabaseQueue(path: path)
            try Schema.migrator.migrate(old, upTo: "4 outbox")
            try await old.write { [granted] database in
                try insert(pending, into: database)
                try insert(granted, into: database)
            }
            try old.close()
        }
        let records = try SQLiteRecords(path: path)
        #expect(try await records.approvalCases(.granted(at: Sample.instant), limit: 10) == [granted])
        let end = try #require(granted.window).notAfter
        #expect(try await records.approvalCases(.granted(at: end), limit: 10).isEmpty)
        #expect(try await records.approvalCases(.pending(at: Sample.instant), limit: 10) == [pending])
        #expect(try await records.approvalCases(.overdue(at: pending.expiresAt), limit: 10) == [pending])
        let all = try await records.approvalCases(.of(pending.content.requester, policy: nil), limit: 10)
        #expect(all == [granted, pending], "the newest comes first, as before")
    }

    @Test func `a database that a newer version has opened is refused, and left as it is`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "records-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "broker.sqlite").path()
        var newer = Schema.migrator
        newer.registerMigration("9999 of tomorrow") { try $0.execute(sql: "CREATE TABLE tomorrow (id TEXT) STRICT") }
        let database = try DatabaseQueue(path: path)
        try newer.migrate(database)
        try database.close()
        let error = #expect(throws: StoreError.self) { try SQLiteRecords(path: path) }
        #expect(error?.description.contains("newer version") == true)
        #expect(try DatabaseQueue(path: path).read { try $0.tableExists("tomorrow") })
    }
}
