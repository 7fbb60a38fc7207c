package import AccessControl
package import FoundationEssentials
import GRDB

extension SQLiteRecords {
    package func replaceCatalog(
        with catalog: PolicyCatalog, at instant: Date
    ) async throws(StoreError) -> [AuditedPolicyChange] {
        let policies = try StoredItem.items(of: catalog.policies)
        let teams = try StoredItem.items(of: catalog.teams)
        return try await write("replacing policies and teams") { database in
            let changes =
                try database.replace("policies", subject: .policy, with: policies)
                + database.replace("teams", subject: .team, with: teams)
            for change in changes { try database.append(.policyChange(change), at: instant) }
            return changes
        }
    }

    package func policy(_ id: String) async throws(StoreError) -> AccessPolicy? {
        try await read("reading a policy") { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT version, document FROM policies WHERE id = ?", arguments: [id])
            return try row.map { try AccessPolicy(row: $0, id: id) }
        }
    }

    package func teams(_ ids: [String]) async throws(StoreError) -> [Team] {
        try await read("reading teams") { database in
            try ids.compactMap { id in
                let sql = "SELECT document FROM teams WHERE id = ?"
                return try String.fetchOne(database, sql: sql, arguments: [id]).map { try Team(stored: $0, id: id) }
            }
        }
    }
}

/// A policy or a team as a row: its id, its version and its content.
private struct StoredItem: Sendable {
    let id: String
    /// `nil` for teams, whose content is its own version.
    let version: String?
    let document: String

    static func items(of policies: [AccessPolicy]) throws(StoreError) -> [String: StoredItem] {
        var items: [String: StoredItem] = [:]
        for policy in policies {
            do {
                let document = String(decoding: try policy.document(), as: UTF8.self)
                items[policy.id] = StoredItem(id: policy.id, version: policy.version.description, document: document)
            } catch {
                throw .unreadable(error.description)
            }
        }
        return items
    }

    static func items(of teams: [Team]) throws(StoreError) -> [String: StoredItem] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var items: [String: StoredItem] = [:]
        for team in teams {
            do {
                let document = String(decoding: try encoder.encode(team), as: UTF8.self)
                items[team.id] = StoredItem(id: team.id, version: nil, document: document)
            } catch {
                throw .unavailable("team \"\(team.id)\" cannot be written as JSON")
            }
        }
        return items
    }
}

extension Database {
    /// Makes the table hold exactly the new items, touching only those that differ; says what changed.
    fileprivate func replace(
        _ table: String, subject: AuditedPolicyChange.Subject, with items: [String: StoredItem]
    ) throws -> [AuditedPolicyChange] {
        let version = subject == .policy ? "version" : "NULL"
        var before: [String: (version: String?, document: String)] = [:]
        for row in try Row.fetchAll(self, sql: "SELECT id, \(version) AS version, document FROM \(table)") {
            before[row["id"]] = (row["version"], row["document"])
        }
        var changes: [AuditedPolicyChange] = []
        for id in Set(before.keys).union(items.keys).sorted() {
            let (old, new) = (before[id], items[id])
            guard old?.document != new?.document || old?.version != new?.version else { continue }
            try execute(sql: "DELETE FROM \(table) WHERE id = ?", arguments: [id])
            if let new { try insert(new, into: table) }
            changes.append(
                AuditedPolicyChange(
                    subject: subject, id: id, change: old == nil ? .added : new == nil ? .removed : .changed,
                    previousVersion: old?.version, version: new?.version))
        }
        return changes
    }

    private func insert(_ item: StoredItem, into table: String) throws {
        if let version = item.version {
            try execute(
                sql: "INSERT INTO \(table) (id, version, document) VALUES (?, ?, ?)",
                arguments: [item.id, version, item.document])
        } else {
            try execute(sql: "INSERT INTO \(table) (id, document) VALUES (?, ?)", arguments: [item.id, item.document])
        }
    }
}

extension AccessPolicy {
    /// Fails unless the row holds a whole policy whose content is what its id and version say.
    fileprivate init(row: Row, id: String) throws(StoreError) {
        let document: String = row["document"]
        let version: String = row["version"]
        do {
            try self.init(document: Data(document.utf8))
        } catch {
            throw .unreadable("policy \"\(id)\": \(error.field.isEmpty ? "" : error.field + " ")\(error.problem)")
        }
        guard self.id == id, self.version == PolicyVersion(stored: version) else {
            throw .unreadable("policy \"\(id)\": its content is not what its version says")
        }
    }
}

extension Team {
    fileprivate init(stored document: String, id: String) throws(StoreError) {
        guard let team = try? JSONDecoder().decode(Team.self, from: Data(document.utf8)), team.id == id else {
            throw .unreadable("team \"\(id)\"")
        }
        self = team
    }
}
