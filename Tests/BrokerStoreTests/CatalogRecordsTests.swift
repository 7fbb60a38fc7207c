import AccessControl
import BrokerStore
import Foundation
import GRDB
import Testing

@Suite struct CatalogRecordsTests {
    private static let author = ChangeAuthor.administrator(Sample.principal)
    private static let policyFile = ChangeAuthor.file("policies.yaml")

    private func governed() async throws -> TemporaryRecords {
        let file = try TemporaryRecords()
        try await file.records.setCatalogSource(.api, insteadOf: nil, by: Self.policyFile, at: Sample.instant)
        return file
    }

    private func write(
        _ records: SQLiteRecords, _ policy: AccessPolicy, expecting: CatalogChange.Expectation = .absent
    ) async throws -> CatalogOutcome {
        try await records.change(
            CatalogChange(policy, expected: expecting, author: Self.author), at: Sample.instant)
    }

    @Test func `a policy counts its revisions, even after it was gone`() async throws {
        let file = try await governed()
        let records = file.records
        let first = try Sample.policy()
        guard case .done(let item?) = try await write(records, first) else { throw StoreError.unavailable("nothing") }
        #expect(item.revision == 1 && item.author == Self.author && item.changedAt == Sample.instant)
        #expect(item.version == first.version.description)
        #expect(try await records.policy("reader") == first)
        let second = try Sample.policy(description: "other")
        #expect(try await write(records, second) == .otherVersion(item.version))
        #expect(try await write(records, second, expecting: .version("x")) == .otherVersion(item.version))
        guard case .done(let changed?) = try await write(records, second, expecting: .version(item.version)) else {
            throw StoreError.unavailable("nothing")
        }
        let removal = CatalogChange(removing: .policy, "reader", version: changed.version, author: Self.author)
        #expect(try await records.change(removal, at: Sample.instant) == .done(nil))
        #expect(try await records.change(removal, at: Sample.instant) == .otherVersion(nil))
        _ = try await write(records, first)
        let history = try await records.catalogHistory(.policy, "reader", before: nil, limit: 10)
        #expect(history.map(\.revision) == [4, 3, 2, 1])
        #expect(history.map(\.change) == [.added, .removed, .changed, .added])
        #expect(history.map(\.version) == [item.version, nil, changed.version, item.version])
        #expect(try await records.catalogHistory(.policy, "reader", before: 3, limit: 1).map(\.revision) == [2])
        #expect(try await records.auditTrail(after: 0, limit: 10).count == 5)
    }

    @Test func `what changes nothing writes nothing`() async throws {
        let file = try await governed()
        let records = file.records
        let policy = try Sample.policy()
        let first = try await write(records, policy)
        #expect(try await write(records, policy, expecting: .version(policy.version.description)) == first)
        #expect(try await records.auditTrail(after: 0, limit: 10).count == 2)
    }

    @Test func `what somebody broke is repaired by writing what it was`() async throws {
        let file = try await governed()
        let (records, policy) = (file.records, try Sample.policy())
        _ = try await write(records, policy)
        try file.tamper("UPDATE policies SET document = json_remove(document, '$.risk')")
        await #expect(throws: StoreError.self) { _ = try await records.policy("reader") }
        guard
            case .done(let item?) = try await write(records, policy, expecting: .version(policy.version.description))
        else { throw StoreError.unavailable("nothing") }
        #expect(item.revision == 2)
        #expect(try await records.policy("reader") == policy)
    }

    @Test func `what was decoded before is no excuse for what is stored now`() async throws {
        let file = try await governed()
        let (records, policy) = (file.records, try Sample.policy())
        _ = try await write(records, policy)
        for _ in 0..<2 {
            let excerpt = try await records.catalogExcerpt(policy: "reader", teams: ["nobody"])
            #expect(try excerpt.policy.get() == policy && excerpt.teams.isEmpty)
        }
        try file.tamper("UPDATE policies SET version = 'x'")
        await #expect(throws: StoreError.self) { _ = try await records.policy("reader") }
        let composed = try Sample.policy(description: "caf\u{E9}")
        let decomposed = try Sample.policy(description: "cafe\u{301}")
        try file.tamper("DELETE FROM policies")
        _ = try await write(records, composed)
        #expect(try await records.policy("reader")?.version == composed.version)
        _ = try await write(records, decomposed, expecting: .version(composed.version.description))
        #expect(
            try await records.policy("reader")?.version == decomposed.version && composed.version != decomposed.version)
        try file.tamper("UPDATE policies SET document = json_remove(document, '$.risk')")
        let excerpt = try await records.catalogExcerpt(policy: "reader", teams: [])
        #expect(throws: StoreError.self) { try excerpt.policy.get() }
        #expect(try await records.catalogExcerpt(policy: "nothing", teams: []).policy.get() == nil)
    }

    @Test func `files and the API never govern both`() async throws {
        let file = try await governed()
        let records = file.records
        let catalog = try Sample.catalog([Sample.policy()])
        await #expect(throws: StoreError.self) {
            try await records.replaceCatalog(with: catalog, by: Self.policyFile, at: Sample.instant)
        }
        await #expect(throws: StoreError.self) {
            try await records.setCatalogSource(.file, insteadOf: nil, by: Self.policyFile, at: Sample.instant)
        }
        try await records.setCatalogSource(.file, insteadOf: .api, by: Self.policyFile, at: Sample.instant)
        #expect(try await records.replaceCatalog(with: catalog, by: Self.policyFile, at: Sample.instant).count == 1)
        #expect(try await write(records, Sample.policy("other")) == .governedByFiles)
        #expect(try await records.catalogSource() == .file)
        let fresh = try TemporaryRecords()
        #expect(try await fresh.records.catalogSource() == nil)
        #expect(try await write(fresh.records, Sample.policy()) == .governedByFiles)
    }

    @Test func `all changes of a file are one batch, whose last one makes them count`() async throws {
        let file = try TemporaryRecords()
        let records = file.records
        let policies = try (0..<150).map { try Sample.policy("p\($0)") }
        let changes = try await records.replaceCatalog(
            with: Sample.catalog(policies), by: Self.policyFile, at: Sample.instant)
        #expect(changes.map(\.batch?.number) == Array(1...150))
        #expect(
            changes.allSatisfy { $0.batch?.generation == 1 && $0.batch?.count == 150 && $0.author == Self.policyFile })
        let fewer = try await records.replaceCatalog(
            with: Sample.catalog(Array(policies.dropLast())), by: Self.policyFile, at: Sample.instant)
        #expect(fewer.map(\.batch) == [.init(generation: 2, number: 1, count: 1)])
        #expect(fewer.map(\.change) == [.removed])
    }

    @Test func `lists go on after an id`() async throws {
        let file = try TemporaryRecords()
        let records = file.records
        let policies = try ["a", "b", "ba", "c", "ä"].map { try Sample.policy($0) }
        _ = try await records.replaceCatalog(with: Sample.catalog(policies), by: Self.policyFile, at: Sample.instant)
        #expect(try await records.catalogItems(.policy, after: nil, limit: 2).map(\.id) == ["a", "b"])
        #expect(try await records.catalogItems(.policy, after: "b", limit: 9).map(\.id) == ["ba", "c", "ä"])
        #expect(try await records.catalogItems(.team, after: nil, limit: 9).isEmpty)
        #expect(try await records.catalogItem(.policy, "ba")?.id == "ba")
    }

    @Test(arguments: ["UPDATE catalog_history SET change = 'added'", "DELETE FROM catalog_history"])
    func `history is append-only`(sql: String) async throws {
        let file = try TemporaryRecords()
        _ = try await file.records.replaceCatalog(
            with: Sample.catalog([Sample.policy()]), by: Self.policyFile, at: Sample.instant)
        let error = #expect(throws: DatabaseError.self) { try file.tamper(sql) }
        #expect(error?.message?.contains("append-only") == true)
    }
}
