import GRDB

/// The tables, as a list of steps that only ever grows.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 policies, requests, grants, audit") { database in
            try database.execute(sql: catalog)
            try database.execute(sql: requests)
            try database.execute(sql: audit)
        }
        migrator.registerMigration("2 approvals, revoked grants") { database in
            try database.execute(sql: approvals)
        }
        migrator.registerMigration("3 sessions in the audit trail") { database in
            try database.execute(sql: sessions)
        }
        migrator.registerMigration("4 outbox") { database in
            try database.execute(sql: outbox)
        }
        migrator.registerMigration("10 authors and history of policies") { database in
            try addCatalogHistory(to: database)
        }
        migrator.registerMigration("20 tickets") { database in
            try database.execute(sql: "ALTER TABLE requests ADD COLUMN ticket TEXT")
        }
        migrator.registerMigration("30 denials in IAM") { database in
            try database.execute(sql: denials)
        }
        migrator.registerMigration("40 probe") { database in
            try database.execute(sql: probe)
        }
        migrator.registerMigration("41 audit checkpoints") { database in
            try database.execute(sql: checkpoints)
        }
        migrator.registerMigration("50 expired requests, and when granted ones end") { database in
            try database.execute(sql: expiredApprovals)
        }
        migrator.registerMigration("60 what counts, by indexes of its own") { database in
            try database.execute(sql: whatCounts)
        }
        migrator.registerMigration("70 inline policies of requests") { database in
            try database.execute(sql: "ALTER TABLE requests ADD COLUMN inline_policy TEXT")
            try database.execute(sql: "ALTER TABLE grants ADD COLUMN inline_policy TEXT")
        }
        migrator.registerMigration("80 withheld keys in the audit trail") { database in
            try database.execute(sql: withheldKeys)
        }
        return migrator
    }

    private static let catalog = """
        CREATE TABLE policies (
            id TEXT NOT NULL PRIMARY KEY,
            version TEXT NOT NULL,
            document TEXT NOT NULL
        ) STRICT;
        CREATE TABLE teams (
            id TEXT NOT NULL PRIMARY KEY,
            document TEXT NOT NULL
        ) STRICT;
        """

    /// Instants are milliseconds since 1970.
    private static let requests = """
        CREATE TABLE requests (
            id TEXT NOT NULL PRIMARY KEY,
            issuer TEXT NOT NULL,
            subject TEXT NOT NULL,
            user_name TEXT NOT NULL,
            policy_id TEXT NOT NULL,
            policy_version TEXT,
            duration_seconds INTEGER,
            reason TEXT,
            state TEXT NOT NULL CHECK (state IN ('allow', 'deny', 'needs_approval')),
            received_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE grants (
            request_id TEXT NOT NULL PRIMARY KEY REFERENCES requests (id),
            issuer TEXT NOT NULL,
            subject TEXT NOT NULL,
            user_name TEXT NOT NULL,
            policy_id TEXT NOT NULL,
            policy_version TEXT NOT NULL,
            tags TEXT NOT NULL,
            delivery TEXT NOT NULL CHECK (delivery IN ('immediate', 'pick_up')),
            not_before INTEGER NOT NULL,
            not_after INTEGER NOT NULL CHECK (not_after > not_before)
        ) STRICT;
        CREATE INDEX grants_by_principal ON grants (issuer, subject, not_after);
        """

    /// A case's document is the whole of it; the columns are what it is found by.
    private static let approvals = """
        ALTER TABLE grants ADD COLUMN revoked_at INTEGER;
        CREATE TABLE approvals (
            request_id TEXT NOT NULL PRIMARY KEY REFERENCES requests (id),
            revision INTEGER NOT NULL,
            state TEXT NOT NULL
                CHECK (state IN ('pending', 'approved', 'denied', 'cancelled', 'revoked', 'failed')),
            issuer TEXT NOT NULL,
            subject TEXT NOT NULL,
            policy_id TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            document TEXT NOT NULL
        ) STRICT;
        CREATE INDEX approvals_by_principal ON approvals (issuer, subject, created_at);
        CREATE INDEX approvals_by_state ON approvals (state, created_at);
        """

    /// SQLite can't change a CHECK, so the table is made anew.
    private static let expiredApprovals = """
        CREATE TABLE new_approvals (
            request_id TEXT NOT NULL PRIMARY KEY REFERENCES requests (id),
            revision INTEGER NOT NULL,
            state TEXT NOT NULL
                CHECK (state IN ('pending', 'approved', 'denied', 'cancelled', 'expired', 'revoked', 'failed')),
            issuer TEXT NOT NULL,
            subject TEXT NOT NULL,
            policy_id TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            ends_at INTEGER,
            document TEXT NOT NULL
        ) STRICT;
        INSERT INTO new_approvals
            SELECT request_id, revision, state, issuer, subject, policy_id, created_at, expires_at,
                (SELECT not_after FROM grants WHERE grants.request_id = approvals.request_id), document
            FROM approvals ORDER BY rowid;
        DROP TABLE approvals;
        ALTER TABLE new_approvals RENAME TO approvals;
        CREATE INDEX approvals_by_principal ON approvals (issuer, subject, created_at);
        CREATE INDEX approvals_by_state ON approvals (state, created_at);
        CREATE INDEX approvals_by_end ON approvals (state, ends_at);
        """

    /// What CloudTrail shows leads to whoever had it.
    private static let sessions = """
        CREATE INDEX audit_by_access_key ON audit (json_extract(details, '$.accessKeyID')) WHERE kind = 'issuance';
        CREATE INDEX audit_by_session ON audit (json_extract(details, '$.sessionName')) WHERE kind = 'issuance';
        """

    /// A refusal has the key that was minted and withheld, if one was.
    private static let withheldKeys = """
        DROP INDEX audit_by_access_key;
        CREATE INDEX audit_by_access_key ON audit (json_extract(details, '$.accessKeyID'))
            WHERE kind IN ('issuance', 'refusal');
        """

    /// What people are still to be told. A document is the whole of a notice.
    private static let outbox = """
        CREATE TABLE outbox (
            id TEXT NOT NULL PRIMARY KEY,
            document TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            failures INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX outbox_by_due ON outbox (due_at);
        """

    /// One row, written to find out whether anything can be.
    private static let probe = """
        CREATE TABLE probe (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL) STRICT;
        """

    private static let checkpoints = """
        CREATE TABLE audit_checkpoints (
            sequence INTEGER NOT NULL PRIMARY KEY,
            hash TEXT NOT NULL,
            at INTEGER NOT NULL,
            key_id TEXT NOT NULL,
            signature TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER audit_checkpoints_are_never_updated BEFORE UPDATE ON audit_checkpoints
            BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
        CREATE TRIGGER audit_checkpoints_are_never_deleted BEFORE DELETE ON audit_checkpoints
            BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
        CREATE TRIGGER audit_checkpoints_only_grow BEFORE INSERT ON audit_checkpoints
            WHEN NEW.sequence <= (SELECT COALESCE(MAX(sequence), 0) FROM audit_checkpoints)
            BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
        """

    /// What the roles' inline policies of ours deny, or are about to. `sessions` is a JSON list of names.
    private static let denials = """
        CREATE TABLE role_denials (
            role_arn TEXT NOT NULL PRIMARY KEY,
            sessions TEXT NOT NULL,
            is_applied INTEGER NOT NULL CHECK (is_applied IN (0, 1))
        ) STRICT;
        CREATE INDEX grants_revoked ON grants (not_after) WHERE revoked_at IS NOT NULL;
        """

    /// A principal may have thousands of grants that have not ended, as each automatic issuance is one, and of requests that have.
    private static let whatCounts = """
        ALTER TABLE approvals ADD COLUMN counts_until INTEGER GENERATED ALWAYS AS (
            CASE WHEN state IN ('pending', 'denied') THEN expires_at WHEN state IN ('approved', 'revoked') THEN ends_at END
        ) VIRTUAL;
        CREATE INDEX approvals_that_count ON approvals (issuer, subject, policy_id, counts_until);
        CREATE INDEX approvals_pending ON approvals (issuer, subject, expires_at) WHERE state = 'pending';
        CREATE INDEX grants_revoked_by_principal ON grants (issuer, subject, policy_id, not_after)
            WHERE revoked_at IS NOT NULL;
        CREATE INDEX grants_to_pick_up ON grants (issuer, subject, not_after)
            WHERE delivery = 'pick_up' AND revoked_at IS NULL;
        """

    /// The third trigger is for INSERT OR REPLACE, which deletes rows without asking the second.
    private static let audit = """
        CREATE TABLE audit (
            sequence INTEGER NOT NULL PRIMARY KEY,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            request_id TEXT,
            details TEXT NOT NULL,
            hash TEXT NOT NULL
        ) STRICT;
        CREATE INDEX audit_by_request ON audit (request_id) WHERE request_id IS NOT NULL;
        CREATE TRIGGER audit_is_never_updated BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
        CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
        CREATE TRIGGER audit_only_grows BEFORE INSERT ON audit
            WHEN NEW.sequence <> (SELECT COALESCE(MAX(sequence), 0) + 1 FROM audit)
            BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
        """
}
