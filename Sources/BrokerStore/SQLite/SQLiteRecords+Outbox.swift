import AccessControl
package import FoundationEssentials
import GRDB

extension SQLiteRecords: NoticeOutbox {
    package func dueNotices(
        at instant: Date, limit: Int, without busy: Set<String>
    ) async throws(StoreError) -> DueNotices {
        let places = repeatElement("?", count: busy.count).joined(separator: ", ")
        return try await read("reading the outbox") { database in
            // What is no JSON has no target, and is given up.
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM outbox
                    WHERE due_at <= ? AND COALESCE(
                        CASE WHEN json_valid(document) THEN json_extract(document, '$.address.target') END, '')
                        NOT IN (\(places))
                    ORDER BY due_at, id LIMIT ?
                    """,
                arguments: [instant.milliseconds] + StatementArguments(busy.sorted()) + [max(0, limit)])
            var (notices, unreadable): ([QueuedNotice], [String]) = ([], [])
            for row in rows {
                guard let addressed = AddressedNotice(stored: row["document"]) else {
                    unreadable.append(row["id"])
                    continue
                }
                notices.append(
                    QueuedNotice(
                        addressed, createdAt: Date(milliseconds: row["created_at"]), failures: row["failures"]))
            }
            return DueNotices(notices: notices, unreadable: unreadable)
        }
    }

    package func removeNotice(_ id: String) async throws(StoreError) {
        try await write("emptying the outbox") { database in
            try database.execute(sql: "DELETE FROM outbox WHERE id = ?", arguments: [id])
        }
    }

    package func postponeNotice(_ id: String, until instant: Date) async throws(StoreError) {
        try await write("postponing a notice") { database in
            try database.execute(
                sql: "UPDATE outbox SET due_at = ?, failures = failures + 1 WHERE id = ?",
                arguments: [instant.milliseconds, id])
        }
    }
}

extension Database {
    func enqueue(_ notices: [AddressedNotice], at instant: Date) throws {
        for notice in notices {
            try execute(
                sql: "INSERT INTO outbox (id, document, created_at, due_at, failures) VALUES (?, ?, ?, ?, 0)",
                arguments: [notice.id, try notice.document(), instant.milliseconds, instant.milliseconds])
        }
    }
}

extension AddressedNotice {
    fileprivate func document() throws(StoreError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            throw .unavailable("a notice cannot be written as JSON")
        }
    }

    /// `nil` if it isn't what ``document()`` writes.
    fileprivate init?(stored document: String) {
        guard let notice = try? JSONDecoder().decode(AddressedNotice.self, from: Data(document.utf8)) else {
            return nil
        }
        self = notice
    }
}
