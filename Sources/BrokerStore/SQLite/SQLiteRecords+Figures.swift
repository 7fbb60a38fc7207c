package import FoundationEssentials
import GRDB

extension SQLiteRecords: WatchedRecords {
    package func checkWritable(at instant: Date) async throws(StoreError) {
        try await write("checking that the records can be written") { database in
            try database.execute(
                sql: "INSERT INTO probe (id, at) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET at = ?1",
                arguments: [instant.milliseconds])
        }
    }

    package func checkCatalog() async throws(StoreError) {
        try await read("checking that policies can be read") { database in
            for table in ["policies", "teams"] {
                _ = try Row.fetchOne(database, sql: "SELECT id, document FROM \(table) LIMIT 1")
            }
        }
    }

    package func figures() async throws(StoreError) -> RecordFigures {
        try await read("counting") { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT COALESCE(CASE WHEN json_valid(document) THEN json_extract(document, '$.address.target') END, '')
                        AS target, COUNT(*) AS count FROM outbox GROUP BY target
                    """)
            let outbox = rows.map { row -> (String, Int) in (row["target"], row["count"]) }
            return RecordFigures(
                auditRecords: try Int64.fetchOne(database, sql: "SELECT COALESCE(MAX(sequence), 0) FROM audit") ?? 0,
                outbox: Dictionary(outbox) { first, _ in first })
        }
    }
}
