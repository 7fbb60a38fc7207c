import AccessControl
import BrokerStore
import Foundation
import GRDB
import Testing

@Suite struct CheckpointRecordsTests {
    private let key = AuditSigningKey()

    private func trail(of count: Int) async throws -> TemporaryRecords {
        let file = try TemporaryRecords()
        for number in 0..<count {
            let event = AuditedAuthenticationFailure(
                problem: "expired", path: "/\(number)", source: Sample.source, suppressed: 0)
            try await file.records.append(.authenticationFailure(event), at: Sample.instant)
        }
        return file
    }

    private func checkpoint(_ file: TemporaryRecords, at sequence: Int64) async throws -> AuditCheckpoint {
        let line = try #require(try await file.records.auditLines(after: sequence - 1, limit: 1).first)
        return try key.checkpoint(sequence: line.sequence, hash: line.hash, milliseconds: 1)
    }

    @Test func `checkpoints read back as they were written, oldest first`() async throws {
        let file = try await trail(of: 5)
        #expect(try await file.records.lastCheckpoint() == nil)
        let (two, four) = (try await checkpoint(file, at: 2), try await checkpoint(file, at: 4))
        for each in [two, four] { try await file.records.add(each) }
        #expect(try await file.records.lastCheckpoint() == four)
        #expect(try await file.records.checkpoints(after: 0, through: .max, limit: 10) == [two, four])
        #expect(try await file.records.checkpoints(after: 2, through: .max, limit: 10) == [four])
        #expect(try await file.records.checkpoints(after: 0, through: 3, limit: 10) == [two])
        #expect(try await file.records.checkpoints(after: 0, through: .max, limit: 1) == [two])
        #expect(try await file.records.auditHead()?.sequence == 5)
    }

    @Test func `only what the trail has can be added, and only behind the others`() async throws {
        let file = try await trail(of: 3)
        let (one, two) = (try await checkpoint(file, at: 1), try await checkpoint(file, at: 2))
        try await file.records.add(two)
        var late = one
        late.sequence = 9
        for refused in [one, two, late] {
            await #expect(throws: StoreError.self) { try await file.records.add(refused) }
        }
    }

    @Test(
        "Checkpoints can be neither changed, deleted nor filled in",
        arguments: [
            "UPDATE audit_checkpoints SET hash = ''", "DELETE FROM audit_checkpoints",
            "INSERT INTO audit_checkpoints SELECT 1, hash, at, key_id, signature FROM audit_checkpoints",
            "INSERT OR REPLACE INTO audit_checkpoints SELECT 2, hash, 9, key_id, signature FROM audit_checkpoints",
        ])
    func appendOnly(_ sql: String) async throws {
        let file = try await trail(of: 3)
        try await file.records.add(try await checkpoint(file, at: 2))
        let error = #expect(throws: DatabaseError.self) { try file.tamper(sql) }
        #expect(error?.message?.contains("append-only") == true)
    }

    @Test func `from a checkpoint on, what comes before is not read, and all that comes after is`() async throws {
        let file = try await trail(of: 6)
        let four = try await checkpoint(file, at: 4)
        #expect(try await file.records.firstBrokenAuditRecord(after: four) == nil)
        try file.tamper(
            "DROP TRIGGER audit_is_never_updated; UPDATE audit SET details = replace(details, 'expired', 'x') WHERE sequence = 2"
        )
        #expect(try await file.records.firstBrokenAuditRecord(after: four) == nil)
        #expect(try await file.records.firstBrokenAuditRecord(after: nil) == 2)
        for sequence in [6, 5, 4] {
            try file.tamper("UPDATE audit SET at = at + 1 WHERE sequence = \(sequence)")
            #expect(try await file.records.firstBrokenAuditRecord(after: four) == Int64(sequence))
        }
    }

    @Test func `a trail that ends before its checkpoint was cut off`() async throws {
        let file = try await trail(of: 5)
        let four = try await checkpoint(file, at: 4)
        try file.tamper("DROP TRIGGER audit_is_never_deleted; DELETE FROM audit WHERE sequence > 3")
        #expect(try await file.records.firstBrokenAuditRecord(after: four) == 4)
        try file.tamper("DELETE FROM audit WHERE sequence > 1")
        #expect(try await file.records.firstBrokenAuditRecord(after: four) == 3)
    }

    @Test func `a record in the place of the one that was signed is found`() async throws {
        let file = try await trail(of: 4)
        var other = try await checkpoint(file, at: 3)
        other.hash = AuditChain.start
        #expect(try await file.records.firstBrokenAuditRecord(after: other) == 3)
        let first = try await checkpoint(file, at: 1)
        #expect(try await file.records.firstBrokenAuditRecord(after: first) == nil)
    }
}
