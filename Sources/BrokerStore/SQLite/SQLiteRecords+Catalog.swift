package import AccessControl
package import FoundationEssentials
import GRDB

extension SQLiteRecords {
    package func policy(_ id: String) async throws(StoreError) -> AccessPolicy? {
        try await read("reading a policy") { [catalog] database in try catalog.policy(id, in: database) }
    }

    package func teams(_ ids: [String]) async throws(StoreError) -> [Team] {
        try await read("reading teams") { [catalog] database in try catalog.teams(ids, in: database) }
    }

    package func catalogExcerpt(policy id: String, teams: [String]) async throws(StoreError) -> CatalogExcerpt {
        try await read("reading a policy and teams") { [catalog] database in
            try catalog.excerpt(policy: id, teams: teams, in: database)
        }
    }
}

extension SQLiteRecords: CatalogRecords {
    package func catalogSource() async throws(StoreError) -> CatalogSource? {
        try await read("reading who governs the policies") { database in try database.catalogSource() }
    }

    package func setCatalogSource(
        _ source: CatalogSource, insteadOf current: CatalogSource?, by author: ChangeAuthor, at instant: Date
    ) async throws(StoreError) {
        try await write("changing who governs the policies") { database in
            guard try database.catalogSource() == current else {
                throw StoreError.conditionFailed("somebody else has changed who governs the policies")
            }
            try database.execute(
                sql: """
                    INSERT INTO catalog (singleton, source, generation) VALUES (1, ?, 1)
                    ON CONFLICT (singleton) DO UPDATE SET source = excluded.source
                    """, arguments: [source.rawValue])
            let change = AuditedPolicyChange(
                subject: .catalog, id: "managed_by", change: current == nil ? .added : .changed,
                previousVersion: current?.rawValue, version: source.rawValue, author: author)
            try database.append(.policyChange(change), at: instant)
        }
    }

    package func catalogItem(
        _ subject: AuditedPolicyChange.Subject, _ id: String
    ) async throws(StoreError) -> CatalogItem? {
        try await read("reading a policy or team") { database in try database.catalogItem(subject, id) }
    }

    package func catalogItems(
        _ subject: AuditedPolicyChange.Subject, after id: String?, limit: Int
    ) async throws(StoreError) -> [CatalogItem] {
        try await read("listing policies or teams") { database in
            guard let table = subject.table else { return [] }
            return try Row.fetchAll(
                database, sql: "SELECT * FROM \(table) WHERE id > ? ORDER BY id LIMIT ?",
                arguments: [id ?? "", max(0, limit)]
            ).map { try CatalogItem(subject, row: $0) }
        }
    }

    package func catalogHistory(
        _ subject: AuditedPolicyChange.Subject, _ id: String, before revision: Int64?, limit: Int
    ) async throws(StoreError) -> [CatalogVersion] {
        try await read("reading the history of policies") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM catalog_history WHERE subject = ? AND id = ? AND revision < ?
                    ORDER BY revision DESC LIMIT ?
                    """, arguments: [subject.rawValue, id, revision ?? .max, max(0, limit)]
            ).map { try CatalogVersion(row: $0) }
        }
    }

    package func change(_ change: CatalogChange, at instant: Date) async throws(StoreError) -> CatalogOutcome {
        try await write("changing a policy or team") { database in
            guard try database.catalogSource() == .api else { return .governedByFiles }
            let current = try database.catalogItem(change.subject, change.id)
            switch change.expected {
            case .absent: guard current == nil else { return .otherVersion(current?.version) }
            case .version(let version):
                guard current?.version == version else { return .otherVersion(current?.version) }
            }
            if change.content?.version == current?.version, change.content?.document == current?.document {
                return .done(current)
            }
            if let obstacle = try database.obstacle(to: change) { return obstacle }
            let difference = CatalogDifference(change, current: current)
            try database.write(difference, by: change.author, batch: nil, at: instant)
            return .done(try database.catalogItem(change.subject, change.id))
        }
    }
}

extension Database {
    fileprivate func catalogItem(_ subject: AuditedPolicyChange.Subject, _ id: String) throws -> CatalogItem? {
        guard let table = subject.table else { return nil }
        return try Row.fetchOne(self, sql: "SELECT * FROM \(table) WHERE id = ?", arguments: [id])
            .map { try CatalogItem(subject, row: $0) }
    }

    func catalogSource() throws -> CatalogSource? {
        guard let text = try String.fetchOne(self, sql: "SELECT source FROM catalog") else { return nil }
        guard let source = CatalogSource(rawValue: text) else {
            throw StoreError.unreadable("who governs the policies")
        }
        return source
    }

    /// What stands between a team and the policies that it names.
    fileprivate func obstacle(to change: CatalogChange) throws -> CatalogOutcome? {
        for id in change.policies {
            let exists = try Bool.fetchOne(self, sql: "SELECT 1 FROM policies WHERE id = ?", arguments: [id])
            if exists == nil { return .noSuchPolicy(id) }
        }
        guard change.subject == .policy, change.content == nil else { return nil }
        let team = try String.fetchOne(
            self,
            sql: """
                SELECT id FROM teams
                WHERE EXISTS (SELECT 1 FROM json_each(teams.document, '$.policies') WHERE value = ?) ORDER BY id
                """, arguments: [change.id])
        return team.map { .policyInUse(team: $0) }
    }
}

extension AuditedPolicyChange.Subject {
    /// `nil` of what isn't kept as items.
    var table: String? {
        switch self {
        case .policy: "policies"
        case .team: "teams"
        case .catalog: nil
        }
    }
}

extension CatalogItem {
    init(_ subject: AuditedPolicyChange.Subject, row: Row) throws(StoreError) {
        self.init(
            subject: subject, id: row["id"], version: row["version"], document: row["document"],
            revision: row["revision"], changedAt: Date(milliseconds: row["changed_at"]),
            author: try ChangeAuthor(stored: row["author"]))
    }
}

extension CatalogVersion {
    fileprivate init(row: Row) throws(StoreError) {
        let kind: String = row["change"]
        guard let change = AuditedPolicyChange.Change(rawValue: kind) else {
            throw .unreadable("the history of policies")
        }
        self.init(
            revision: row["revision"], at: Date(milliseconds: row["at"]), change: change, version: row["version"],
            document: row["document"], author: try ChangeAuthor(stored: row["author"]))
    }
}

extension ChangeAuthor {
    func stored() throws(StoreError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            throw .unavailable("the author of a change cannot be written as JSON")
        }
    }

    fileprivate init(stored text: String) throws(StoreError) {
        do {
            self = try JSONDecoder().decode(ChangeAuthor.self, from: Data(text.utf8))
        } catch {
            throw .unreadable("the author of a policy or team")
        }
    }
}
