package import AccessControl
package import FoundationEssentials
import GRDB

extension SQLiteRecords {
    package func replaceCatalog(
        with catalog: PolicyCatalog, by author: ChangeAuthor, at instant: Date
    ) async throws(StoreError) -> [AuditedPolicyChange] {
        var policies: [String: StoredContent] = [:]
        for policy in catalog.policies { policies[policy.id] = try StoredContent(policy) }
        var teams: [String: StoredContent] = [:]
        for team in catalog.teams { teams[team.id] = try StoredContent(team) }
        return try await write("replacing policies and teams") { [policies, teams] database in
            guard try database.catalogSource() != .api else {
                throw StoreError.conditionFailed("policies and teams are governed by the admin API, not by files")
            }
            let differences =
                try database.differences(of: .policy, from: policies) + database.differences(of: .team, from: teams)
            guard !differences.isEmpty else { return [] }
            let generation = try database.nextGeneration()
            return try differences.enumerated().map { index, difference in
                let batch = AuditedPolicyChange.Batch(
                    generation: generation, number: index + 1, count: differences.count)
                return try database.write(difference, by: author, batch: batch, at: instant)
            }
        }
    }
}

/// What is to be written of one policy or team.
struct CatalogDifference {
    let subject: AuditedPolicyChange.Subject
    let id: String
    let previousVersion: String?
    /// `nil`: it goes.
    let content: StoredContent?

    var change: AuditedPolicyChange.Change {
        content == nil ? .removed : previousVersion == nil ? .added : .changed
    }
}

extension CatalogDifference {
    init(_ change: CatalogChange, current: CatalogItem?) {
        self.init(
            subject: change.subject, id: change.id, previousVersion: current?.version, content: change.content)
    }
}

extension Database {
    /// By id; only what differs.
    fileprivate func differences(
        of subject: AuditedPolicyChange.Subject, from items: [String: StoredContent]
    ) throws -> [CatalogDifference] {
        guard let table = subject.table else { return [] }
        var before: [String: (version: String, document: String)] = [:]
        for row in try Row.fetchAll(self, sql: "SELECT id, version, document FROM \(table)") {
            before[row["id"]] = (row["version"], row["document"])
        }
        return Set(before.keys).union(items.keys).sorted().compactMap { id in
            let (old, new) = (before[id], items[id])
            guard old?.document != new?.document || old?.version != new?.version else { return nil }
            return CatalogDifference(subject: subject, id: id, previousVersion: old?.version, content: new)
        }
    }

    /// Files govern from now on, if nobody has said so yet.
    fileprivate func nextGeneration() throws -> Int64 {
        try execute(
            sql: """
                INSERT INTO catalog (singleton, source, generation) VALUES (1, 'file', 1)
                ON CONFLICT (singleton) DO UPDATE SET generation = generation + 1
                """)
        return try Int64.fetchOne(self, sql: "SELECT generation FROM catalog") ?? 1
    }

    /// The item, its history and its audit event.
    @discardableResult
    func write(
        _ difference: CatalogDifference, by author: ChangeAuthor, batch: AuditedPolicyChange.Batch?,
        at instant: Date
    ) throws -> AuditedPolicyChange {
        let revision = try writeHistory(of: difference, by: try author.stored(), at: instant)
        try writeItem(difference, revision: revision, by: try author.stored(), at: instant)
        let change = AuditedPolicyChange(
            subject: difference.subject, id: difference.id, change: difference.change,
            previousVersion: difference.previousVersion, version: difference.content?.version, author: author,
            batch: batch)
        try append(.policyChange(change), at: instant)
        return change
    }

    private func writeHistory(of difference: CatalogDifference, by author: String, at instant: Date) throws -> Int64 {
        let (subject, id) = (difference.subject.rawValue, difference.id)
        let last = try Int64.fetchOne(
            self, sql: "SELECT MAX(revision) FROM catalog_history WHERE subject = ? AND id = ?",
            arguments: [subject, id])
        let revision = (last ?? 0) + 1
        try execute(
            sql: "INSERT INTO catalog_history VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                subject, id, revision, instant.milliseconds, difference.change.rawValue, difference.content?.version,
                difference.content?.document, author,
            ])
        return revision
    }

    private func writeItem(
        _ difference: CatalogDifference, revision: Int64, by author: String, at instant: Date
    ) throws {
        guard let table = difference.subject.table else { return }
        try execute(sql: "DELETE FROM \(table) WHERE id = ?", arguments: [difference.id])
        guard let content = difference.content else { return }
        try execute(
            sql: """
                INSERT INTO \(table) (id, version, document, revision, changed_at, author) VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                difference.id, content.version, content.document, revision, instant.milliseconds, author,
            ])
    }
}
