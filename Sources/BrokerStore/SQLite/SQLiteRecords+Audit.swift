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
    init(row: Row) {
        self.init(
            sequence: row["sequence"], milliseconds: row["at"], kind: row["kind"], requestID: row["request_id"],
            details: row["details"], hash: row["hash"])
    }
}
