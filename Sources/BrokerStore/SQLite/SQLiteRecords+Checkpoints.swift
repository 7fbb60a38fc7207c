package import AccessControl
import GRDB

extension SQLiteRecords: AuditCheckpoints {
    package func auditHead() async throws(StoreError) -> AuditVerification.Mark? {
        try await read("reading the audit trail") { database in
            let row = try Row.fetchOne(database, sql: "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")
            return row.map { AuditVerification.Mark(sequence: $0["sequence"], hash: $0["hash"]) }
        }
    }

    package func lastCheckpoint() async throws(StoreError) -> AuditCheckpoint? {
        try await read("reading checkpoints") { database in
            try Row.fetchOne(database, sql: "SELECT * FROM audit_checkpoints ORDER BY sequence DESC LIMIT 1")
                .map(AuditCheckpoint.init(row:))
        }
    }

    package func checkpoints(
        after sequence: Int64, through last: Int64, limit: Int
    ) async throws(StoreError) -> [AuditCheckpoint] {
        try await read("reading checkpoints") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM audit_checkpoints WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?
                    """, arguments: [sequence, last, max(0, limit)]
            ).map(AuditCheckpoint.init(row:))
        }
    }

    package func add(_ checkpoint: AuditCheckpoint) async throws(StoreError) {
        try await write("adding a checkpoint") { database in
            let last = try Int64.fetchOne(database, sql: "SELECT MAX(sequence) FROM audit_checkpoints") ?? 0
            let hash = try String.fetchOne(
                database, sql: "SELECT hash FROM audit WHERE sequence = ?", arguments: [checkpoint.sequence])
            guard checkpoint.sequence > last, checkpoint.hash == hash else {
                throw StoreError.conditionFailed("checkpoint \(checkpoint.sequence) is not of the trail's newest part")
            }
            try database.execute(
                sql: """
                    INSERT INTO audit_checkpoints (sequence, hash, at, key_id, signature) VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [
                    checkpoint.sequence, checkpoint.hash, checkpoint.milliseconds, checkpoint.keyID,
                    checkpoint.signature,
                ])
        }
    }

    package func firstBrokenAuditRecord(after checkpoint: AuditCheckpoint?) async throws(StoreError) -> Int64? {
        try await read("verifying the audit trail") { database in
            var verification = AuditVerification(
                expecting: checkpoint.map { AuditVerification.Mark(sequence: $0.sequence, hash: $0.hash) })
            // The record before the checkpoint's tells whether that one follows.
            let start = max(1, (checkpoint?.sequence ?? 1) - 1)
            var expected = start
            let rows = try Row.fetchCursor(
                database, sql: "SELECT * FROM audit WHERE sequence >= ? ORDER BY sequence", arguments: [start])
            while let row = try rows.next() {
                let line = AuditLine(row: row)
                guard line.sequence == expected, verification.problem(with: line) == nil else { return expected }
                expected += 1
            }
            return verification.problemAtEnd == nil ? nil : expected
        }
    }
}

extension AuditCheckpoint {
    fileprivate init(row: Row) {
        self.init(
            sequence: row["sequence"], hash: row["hash"], milliseconds: row["at"], keyID: row["key_id"],
            signature: row["signature"])
    }
}
