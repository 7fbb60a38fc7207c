package import AccessControl
import GRDB

extension SQLiteRecords {
    package func auditExcerpt(about session: String) async throws(StoreError) -> AuditExcerpt {
        try await read("reading the audit trail") { try $0.auditExcerpt(about: session) }
    }
}

extension Database {
    /// What has that name itself comes first. Of its requests, one may have been issued under and refused thousands of times, and none of
    /// that takes the place of what was asked for.
    func auditExcerpt(about session: String) throws -> AuditExcerpt {
        let most = AuditExcerpt.most
        let named =
            try auditLines(ofAccessKey: session, limit: most + 1) + auditLines(ofSession: session, limit: most + 1)
        var records = Dictionary(named.prefix(most).map { ($0.sequence, $0) }) { first, _ in first }
        let issued = records.values.count { $0.kind == AuditEvent.Kind.issuance.rawValue }
        var (issuances, refusals) = (0, [AuditLine]())
        for request in Set(records.values.compactMap(\.requestID)) {
            for line in try auditSteps(ofRequest: request) { records[line.sequence] = line }
            refusals += try auditedRefusals(ofRequest: request, limit: most + 1)
            issuances += try issuanceCount(ofRequest: request)
        }
        refusals.sort { $0.sequence > $1.sequence }
        for line in refusals.prefix(most) { records[line.sequence] = line }

        var leftOut: [AuditEvent.Kind] = []
        if named.count > most || issuances > issued { leftOut.append(.issuance) }
        if refusals.count > most { leftOut.append(.refusal) }
        return AuditExcerpt(
            records: records.values.sorted { $0.sequence < $1.sequence },
            leftOut: leftOut.isEmpty ? nil : leftOut.map(\.rawValue))
    }

    /// The newest first; so are the next. Each name has its own index, which an OR of both would not use.
    func auditLines(ofAccessKey key: String, limit: Int) throws -> [AuditLine] {
        try cachedRows(
            """
            SELECT * FROM audit WHERE kind IN ('issuance', 'refusal') AND json_extract(details, '$.accessKeyID') = ?
            ORDER BY sequence DESC LIMIT ?
            """, [key, limit]
        ).map(AuditLine.init(row:))
    }

    func auditLines(ofSession name: String, limit: Int) throws -> [AuditLine] {
        try cachedRows(
            """
            SELECT * FROM audit WHERE kind = 'issuance' AND json_extract(details, '$.sessionName') = ?
            ORDER BY sequence DESC LIMIT ?
            """, [name, limit]
        ).map(AuditLine.init(row:))
    }

    /// The request, its decision, votes and changes of state: so few that there is no limit.
    func auditSteps(ofRequest id: String) throws -> [AuditLine] {
        try cachedRows("SELECT * FROM audit WHERE request_id = ? AND kind NOT IN ('issuance', 'refusal')", [id])
            .map(AuditLine.init(row:))
    }

    /// The newest first.
    func auditedRefusals(ofRequest id: String, limit: Int) throws -> [AuditLine] {
        try cachedRows(
            "SELECT * FROM audit WHERE request_id = ? AND kind = 'refusal' ORDER BY sequence DESC LIMIT ?", [id, limit]
        ).map(AuditLine.init(row:))
    }

    func issuanceCount(ofRequest id: String) throws -> Int {
        try cachedValue(Int.self, "SELECT COUNT(*) FROM audit WHERE request_id = ? AND kind = 'issuance'", [id]) ?? 0
    }
}
