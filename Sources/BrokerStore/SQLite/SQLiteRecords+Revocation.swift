package import AccessControl
import Credentials
package import FoundationEssentials
import GRDB

extension SQLiteRecords: RevocationRecords {
    /// Credentials outlive their grant's window by 15 minutes at most; an hour is more than that.
    private static let outliving: TimeInterval = 3600

    package func revokedSessions(endingAfter instant: Date) async throws(StoreError) -> [RevokedSession] {
        try await read("reading revoked sessions") { database in
            let rows = try database.revokedSessions(ofGrantsEndingAfter: instant.addingTimeInterval(-Self.outliving))
            return try rows.map(RevokedSession.init).filter { $0.endsAt > instant }
        }
    }

    package func roleDenials() async throws(StoreError) -> [RoleDenial] {
        try await read("reading denials") { database in
            try Row.fetchAll(database, sql: "SELECT * FROM role_denials ORDER BY role_arn").map(RoleDenial.init)
        }
    }

    package func save(
        _ denial: RoleDenial, event: AuditedRoleDenial?, at instant: Date
    ) async throws(StoreError) {
        guard let names = try? JSONEncoder().encode(denial.sessionNames) else {
            throw .unavailable("a denial cannot be written as JSON")
        }
        try await write("writing a denial") { database in
            if denial.isApplied, denial.sessionNames.isEmpty {
                try database.execute(
                    sql: "DELETE FROM role_denials WHERE role_arn = ?", arguments: [denial.roleARN])
            } else {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO role_denials (role_arn, sessions, is_applied) VALUES (?, ?, ?)",
                    arguments: [denial.roleARN, String(decoding: names, as: UTF8.self), denial.isApplied])
            }
            if let event { try database.append(.roleDenial(event), at: instant) }
        }
    }
}

extension Database {
    /// From the few grants to their events, and never the other way round (sqlite.org, "The SQLite Query Optimizer Overview", section
    /// 8.2: CROSS JOIN keeps the order).
    func revokedSessions(ofGrantsEndingAfter instant: Date) throws -> [Row] {
        try cachedRows(
            """
            SELECT audit.request_id AS request, json_extract(details, '$.roleARN') AS role,
                json_extract(details, '$.sessionName') AS name, MAX(json_extract(details, '$.expiration')) AS ends
            FROM grants CROSS JOIN audit ON audit.request_id = grants.request_id AND audit.kind = 'issuance'
            WHERE grants.revoked_at IS NOT NULL AND grants.not_after > ?
            GROUP BY request, role, name
            """, [instant.milliseconds])
    }
}

extension RevokedSession {
    fileprivate init(row: Row) throws(StoreError) {
        let (id, ends): (String, String) = (row["request"], row["ends"])
        guard let request = RequestID(id), let endsAt = AWSTimestamp.date(ends) else {
            throw .unreadable("an issuance of request \(id)")
        }
        self.init(requestID: request, roleARN: row["role"], sessionName: row["name"], endsAt: endsAt)
    }
}

extension RoleDenial {
    fileprivate init(row: Row) throws(StoreError) {
        let (role, names): (String, String) = (row["role_arn"], row["sessions"])
        guard let names = try? JSONDecoder().decode([String].self, from: Data(names.utf8)) else {
            throw .unreadable("the denial of role \(role)")
        }
        self.init(roleARN: role, sessionNames: names, isApplied: row["is_applied"])
    }
}
