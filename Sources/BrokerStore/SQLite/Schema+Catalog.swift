import AccessControl
import FoundationEssentials
import GRDB

extension Schema {
    /// Until this step, a file was the only author.
    static func addCatalogHistory(to database: Database) throws {
        try database.execute(sql: catalogHistory)
        for row in try Row.fetchAll(database, sql: "SELECT id, document FROM teams") {
            let (id, document): (String, String) = (row["id"], row["document"])
            try database.execute(
                sql: "UPDATE teams SET version = ? WHERE id = ?",
                arguments: [Team.version(ofDocument: Data(document.utf8)), id])
        }
        try database.execute(sql: catalogBeginnings)
    }

    /// `singleton` makes `catalog` a table of at most one row.
    private static let catalogHistory = """
        ALTER TABLE policies ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE policies ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE policies ADD COLUMN author TEXT NOT NULL DEFAULT '{"file":""}';
        ALTER TABLE teams ADD COLUMN version TEXT NOT NULL DEFAULT '';
        ALTER TABLE teams ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE teams ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE teams ADD COLUMN author TEXT NOT NULL DEFAULT '{"file":""}';
        CREATE TABLE catalog (
            singleton INTEGER NOT NULL PRIMARY KEY CHECK (singleton = 1),
            source TEXT NOT NULL CHECK (source IN ('file', 'api')),
            generation INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE catalog_history (
            subject TEXT NOT NULL CHECK (subject IN ('policy', 'team')),
            id TEXT NOT NULL,
            revision INTEGER NOT NULL,
            at INTEGER NOT NULL,
            change TEXT NOT NULL CHECK (change IN ('added', 'changed', 'removed')),
            version TEXT,
            document TEXT,
            author TEXT NOT NULL,
            PRIMARY KEY (subject, id, revision)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER catalog_history_is_never_updated BEFORE UPDATE ON catalog_history
            BEGIN SELECT RAISE(ABORT, 'the history of policies is append-only'); END;
        CREATE TRIGGER catalog_history_is_never_deleted BEFORE DELETE ON catalog_history
            BEGIN SELECT RAISE(ABORT, 'the history of policies is append-only'); END;
        """

    private static let catalogBeginnings = """
        INSERT INTO catalog SELECT 1, 'file', 1 WHERE EXISTS (SELECT 1 FROM policies) OR EXISTS (SELECT 1 FROM teams);
        UPDATE policies SET changed_at = last.at FROM (
            SELECT json_extract(details, '$.id') AS id, MAX(at) AS at FROM audit
            WHERE kind = 'policy_change' AND json_extract(details, '$.subject') = 'policy' GROUP BY 1) AS last
            WHERE last.id = policies.id;
        UPDATE teams SET changed_at = last.at FROM (
            SELECT json_extract(details, '$.id') AS id, MAX(at) AS at FROM audit
            WHERE kind = 'policy_change' AND json_extract(details, '$.subject') = 'team' GROUP BY 1) AS last
            WHERE last.id = teams.id;
        INSERT INTO catalog_history
            SELECT 'policy', id, revision, changed_at, 'added', version, document, author FROM policies;
        INSERT INTO catalog_history
            SELECT 'team', id, revision, changed_at, 'added', version, document, author FROM teams;
        """
}
