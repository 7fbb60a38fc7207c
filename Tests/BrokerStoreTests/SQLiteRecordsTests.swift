import AccessControl
import Foundation
import GRDB
import Testing

@testable import BrokerStore

@Suite("SQLiteRecords")
struct SQLiteRecordsTests {
    @Test("The file is in write-ahead mode and every commit is synced")
    func durability() async throws {
        let file = try TemporaryRecords()
        let mode = try await file.records.write("test") { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
        let level = try await file.records.write("test") { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        #expect(mode == "wal")
        #expect(level == 2)
    }

    @Test("A path that cannot be opened is unavailable")
    func unopenable() {
        #expect(throws: StoreError.self) { _ = try SQLiteRecords(path: "/nonexistent/folder/broker.sqlite") }
    }

    @Test("Replacing the catalog reports and audits exactly what changed, and the rest keeps its version")
    func catalogChanges() async throws {
        let file = try TemporaryRecords()
        let (kept, changing, leaving) = (
            try Sample.policy("kept"), try Sample.policy("changing"), try Sample.policy("leaving")
        )
        let team = try Team(id: "developers", policies: ["kept"])
        let first = try await file.records.replaceCatalog(
            with: Sample.catalog([kept, changing, leaving], teams: [team]), at: Sample.instant)
        #expect(first.map(\.change) == [.added, .added, .added, .added])

        let changed = try Sample.policy("changing", description: "writes")
        let second = try await file.records.replaceCatalog(
            with: Sample.catalog([kept, changed], teams: [team]), at: Sample.instant)
        #expect(second.map(\.id) == ["changing", "leaving"])
        #expect(second.map(\.change) == [.changed, .removed])
        #expect(second.first?.previousVersion == changing.version.description)
        #expect(try await file.records.policy("kept") == kept)
        #expect(try await file.records.policy("changing") == changed)
        #expect(try await file.records.policy("leaving") == nil)
        #expect(try await file.records.teams(["developers", "nobody"]) == [team])
        #expect(try await file.records.auditTrail(after: 0, limit: 100).count == 6)

        let third = try await file.records.replaceCatalog(
            with: Sample.catalog([kept, changed], teams: [team]), at: Sample.instant)
        #expect(third.isEmpty)
    }

    @Test(
        "Defect A4, B4: a stored policy that somebody broke is unreadable, never usable",
        arguments: [
            "UPDATE policies SET document = json_remove(document, '$.risk')",
            "UPDATE policies SET document = json_set(document, '$.risk', 'low')",
            "UPDATE policies SET document = json_set(document, '$.risk', 0)",
            "UPDATE policies SET document = json_set(document, '$.risk', 1)",
            "UPDATE policies SET document = json_remove(document, '$.base_role')",
            "UPDATE policies SET document = json_set(document, '$.base_role', NULL)",
            "UPDATE policies SET document = ''",
            "UPDATE policies SET document = '[]'",
            "UPDATE policies SET version = 'other'",
        ])
    func brokenPolicies(_ sql: String) async throws {
        let file = try TemporaryRecords()
        _ = try await file.records.replaceCatalog(with: Sample.catalog([Sample.policy()]), at: Sample.instant)
        try file.tamper(sql)
        let error = await #expect(throws: StoreError.self) { _ = try await file.records.policy("reader") }
        guard case .unreadable? = error else {
            Issue.record("expected unreadable, got \(String(describing: error))")
            return
        }
    }

    @Test("Records survive being closed and opened again")
    func reopening() async throws {
        let file = try TemporaryRecords()
        _ = try await file.records.replaceCatalog(with: Sample.catalog([Sample.policy()]), at: Sample.instant)
        let again = try SQLiteRecords(path: file.path)
        #expect(try await again.policy("reader") == Sample.policy())
        #expect(try await again.firstBrokenAuditRecord(after: nil) == nil)
    }
}
