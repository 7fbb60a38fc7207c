package import AccessControl
package import FoundationEssentials
import GRDB

extension SQLiteRecords {
    package func append(_ event: AuditEvent, at instant: Date) async throws(StoreError) {
        try await write("recording an event") { database in try database.append(event, at: instant) }
    }

    package func auditTrail(after sequence: Int64, limit: Int) async throws(StoreError) -> [AuditRecord] {
        try await read("reading the audit trail") { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?",
                arguments: [sequence, max(0, limit)])
            return try rows.map { row in
                AuditRecord(
                    sequence: row["sequence"], at: Date(milliseconds: row["at"]),
                    event: try AuditEvent(kind: row["kind"], details: row["details"]), hash: row["hash"])
            }
        }
    }

    package func auditLines(after sequence: Int64, limit: Int) async throws(StoreError) -> [AuditLine] {
        try await read("reading the audit trail") { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?",
                arguments: [sequence, max(0, limit)]
            ).map(AuditLine.init(row:))
        }
    }

    package func auditLines(about session: String) async throws(StoreError) -> [AuditLine] {
        try await read("reading the audit trail") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM audit WHERE request_id IN (
                        SELECT request_id FROM audit WHERE kind = 'issuance'
                            AND (json_extract(details, '$.accessKeyID') = ?1 OR json_extract(details, '$.sessionName') = ?1)
                            ORDER BY sequence DESC LIMIT 20)
                    ORDER BY sequence LIMIT 1000
                    """, arguments: [session]
            ).map(AuditLine.init(row:))
        }
    }

    /// The last record's number and hash; `nil` while there is none.
    package func auditHead() async throws(StoreError) -> (sequence: Int64, hash: String)? {
        try await read("reading the audit trail") { database in
            let row = try Row.fetchOne(database, sql: "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")
            return row.map { ($0["sequence"], $0["hash"]) }
        }
    }

    /// The sequence number of the first record that doesn't follow from those before it; `nil` if the chain holds.
    package func firstBrokenAuditRecord() async throws(StoreError) -> Int64? {
        try await read("verifying the audit trail") { database in
            var (verification, expected) = (AuditVerification(), Int64(1))
            let rows = try Row.fetchCursor(database, sql: "SELECT * FROM audit ORDER BY sequence")
            while let row = try rows.next() {
                let line = AuditLine(row: row)
                guard line.sequence == expected, verification.problem(with: line) == nil else { return expected }
                expected += 1
            }
            return nil
        }
    }
}

extension Database {
    /// Chains the event to the last one, inside the caller's transaction.
    func append(_ event: AuditEvent, at instant: Date) throws {
        let last = try Row.fetchOne(self, sql: "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")
        let sequence: Int64 = (last?["sequence"] ?? 0) + 1
        let details = try event.details()
        let line = AuditLine(
            sequence: sequence, milliseconds: instant.milliseconds, kind: event.kind.rawValue,
            requestID: event.requestID?.description, details: details, hash: "")
        try execute(
            sql: "INSERT INTO audit (sequence, at, kind, request_id, details, hash) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                line.sequence, line.milliseconds, line.kind, line.requestID, line.details,
                AuditChain.hash(of: line, after: last?["hash"] ?? AuditChain.start),
            ])
    }
}

extension AuditLine {
    fileprivate init(row: Row) {
        self.init(
            sequence: row["sequence"], milliseconds: row["at"], kind: row["kind"], requestID: row["request_id"],
            details: row["details"], hash: row["hash"])
    }
}
