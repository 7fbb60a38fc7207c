package import AccessControl
package import FoundationEssentials
import GRDB

extension SQLiteRecords {
    package func append(_ event: AuditEvent, at instant: Date) async throws(StoreError) {
        let event = try WrittenEvent(event)
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
}

/// An event as the trail has it. Whatever can be, is written before the transaction, which all others wait for.
struct WrittenEvent: Sendable {
    let kind: AuditEvent.Kind
    let requestID: RequestID?
    let details: String

    init(_ event: AuditEvent) throws(StoreError) {
        kind = event.kind
        requestID = event.requestID
        details = try event.details()
    }
}

extension Database {
    func append(_ event: AuditEvent, at instant: Date) throws {
        try append(WrittenEvent(event), at: instant)
    }

    /// Chains the event to the last one, inside the caller's transaction.
    func append(_ event: WrittenEvent, at instant: Date) throws {
        let last = try cachedRow("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")
        let sequence: Int64 = (last?["sequence"] ?? 0) + 1
        let line = AuditLine(
            sequence: sequence, milliseconds: instant.milliseconds, kind: event.kind.rawValue,
            requestID: event.requestID?.description, details: event.details, hash: "")
        try executeCached(
            "INSERT INTO audit (sequence, at, kind, request_id, details, hash) VALUES (?, ?, ?, ?, ?, ?)",
            [
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
