package import AccessControl
package import FoundationEssentials
import GRDB

extension SQLiteRecords {
    package func grant(_ id: RequestID) async throws(StoreError) -> Grant? {
        try await read("reading a grant") { database in
            let row = try database.cachedRow("SELECT * FROM grants WHERE request_id = ?", [id.description])
            return try row.map { try Grant(row: $0) }
        }
    }

    package func revokeGrant(
        _ id: RequestID, event: AuditedStateChange, at instant: Date
    ) async throws(StoreError) {
        try await write("revoking a grant") { database in
            try database.revokeGrant(id, at: instant)
            try database.append(.stateChange(event), at: instant)
        }
    }

    package func approvalCase(_ id: RequestID) async throws(StoreError) -> ApprovalCase? {
        try await read("reading a request") { database in
            let document = try database.cachedValue(
                String.self, "SELECT document FROM approvals WHERE request_id = ?", [id.description])
            return try document.map { try ApprovalCase(stored: $0) }
        }
    }

    package func listedCases(
        _ selection: CaseSelection, after cursor: CaseCursor?, limit: Int
    ) async throws(StoreError) -> ListedCases {
        try await read("listing requests") { database in
            try database.listedCases(selection, after: cursor, limit: limit)
        }
    }

    package func standingRecords(
        of principal: PrincipalID, policy: String, teams: [String], at instant: Date, endedAfter end: Date, limit: Int
    ) async throws(StoreError) -> StandingRecords {
        try await read("reading what was decided before") { [catalog] database in
            let selection = CaseSelection.standing(principal, policy: policy, at: instant, endedAfter: end)
            return StandingRecords(
                catalog: try catalog.excerpt(policy: policy, teams: teams, in: database),
                cases: try database.listedCases(selection, after: nil, limit: limit),
                revokedGrants: try database.revokedGrants(of: principal, policy: policy, at: instant))
        }
    }

    package func update(_ change: CaseChange, at instant: Date) async throws(StoreError) {
        let document = try change.approval.document()
        let tags = try change.grant.map { grant throws(StoreError) in try storedTags(grant.tags) }
        try await write("changing a request") { database in
            try database.replace(change.approval, with: document)
            if let grant = change.grant, let tags {
                try database.require(policy: grant.policyID, in: grant.policyVersion)
                try database.insert(grant, tags: tags)
            }
            if change.revokesGrant { try database.revokeGrant(change.approval.requestID, at: instant) }
            for event in change.events { try database.append(event, at: instant) }
            try database.enqueue(change.notices, at: instant)
        }
    }
}

extension Database {
    func listedCases(_ selection: CaseSelection, after cursor: CaseCursor?, limit: Int) throws -> ListedCases {
        let (condition, arguments) = selection.sql
        let place: StatementArguments = [cursor?.createdAt ?? .max, cursor?.requestID.description ?? ""]
        let rows = try cachedRows(
            """
            SELECT request_id, created_at, document FROM approvals
            WHERE \(condition) AND (created_at, request_id) < (?, ?)
            ORDER BY created_at DESC, request_id DESC LIMIT ?
            """,
            arguments + place + [max(0, limit)])
        return ListedCases(rows: rows, isWhole: rows.count < limit)
    }

    /// Fails if so many of that person wait already.
    func requirePending(of principal: PrincipalID, fewerThan most: Int, at instant: Date) throws {
        let count = try cachedValue(
            Int.self,
            "SELECT COUNT(*) FROM approvals WHERE issuer = ? AND subject = ? AND state = 'pending' AND expires_at > ?",
            [principal.issuer, principal.subject, instant.milliseconds])
        guard let count, count < most else { throw StoreError.tooManyPending(count ?? most) }
    }

    /// Fails if one of the same person waits for the same already, with the newest such; or if one that may do so can't be read.
    func requireNoneWaiting(for content: RequestContent, at instant: Date) throws {
        let requester = content.requester
        let rows = try cachedRows(
            // What waits counts until it expires.
            """
            SELECT document FROM approvals
            WHERE issuer = ? AND subject = ? AND policy_id = ? AND state = 'pending' AND counts_until > ?
            ORDER BY created_at DESC, request_id DESC
            """,
            [requester.issuer, requester.subject, content.policyID, instant.milliseconds])
        for row in rows {
            let waiting = try ApprovalCase(stored: row["document"])
            if waiting.content.isForTheSame(as: content) { throw StoreError.waitsAlready(waiting.requestID) }
        }
    }

    func insert(_ approval: ApprovalCase) throws {
        let (content, requester) = (approval.content, approval.content.requester)
        try executeCached(
            """
            INSERT INTO approvals (request_id, revision, state, issuer, subject, policy_id, created_at, expires_at,
                ends_at, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                approval.requestID.description, approval.revision, approval.stored.rawValue, requester.issuer,
                requester.subject, content.policyID, approval.createdAt.milliseconds, approval.expiresAt.milliseconds,
                approval.window?.notAfter.milliseconds, try approval.document(),
            ])
    }

    fileprivate func replace(_ approval: ApprovalCase, with document: String) throws {
        try execute(
            sql: """
                UPDATE approvals SET revision = ?, state = ?, ends_at = ?, document = ? WHERE request_id = ? AND revision = ?
                """,
            arguments: [
                approval.revision, approval.stored.rawValue, approval.window?.notAfter.milliseconds, document,
                approval.requestID.description, approval.revision - 1,
            ])
        guard changesCount == 1 else {
            throw StoreError.conditionFailed("request \(approval.requestID) was changed by somebody else")
        }
    }

    fileprivate func revokeGrant(_ id: RequestID, at instant: Date) throws {
        try execute(
            sql: "UPDATE grants SET revoked_at = ? WHERE request_id = ? AND revoked_at IS NULL",
            arguments: [instant.milliseconds, id.description])
        guard changesCount == 1 else {
            throw StoreError.conditionFailed("there is no grant of request \(id) that could be revoked")
        }
    }
}

extension CaseSelection {
    fileprivate var sql: (condition: String, arguments: StatementArguments) {
        switch self {
        case .of(let principal, nil):
            ("issuer = ? AND subject = ?", [principal.issuer, principal.subject])
        case .of(let principal, let policy?):
            ("issuer = ? AND subject = ? AND policy_id = ?", [principal.issuer, principal.subject, policy])
        case .pending(let instant):
            ("state = 'pending' AND expires_at > ?", [instant.milliseconds])
        case .overdue(let instant):
            ("state = 'pending' AND expires_at <= ?", [instant.milliseconds])
        case .granted(let instant):
            // Most have ended long ago.
            (
                "rowid IN (SELECT rowid FROM approvals WHERE state = 'approved' AND ends_at > ?)",
                [instant.milliseconds]
            )
        case .standing(let principal, let policy, let instant, let end):
            (
                // By its own index: that of the order has whatever the person ever asked for.
                """
                rowid IN (
                    SELECT rowid FROM approvals
                    WHERE issuer = ? AND subject = ? AND policy_id = ? AND counts_until >= ?
                        AND counts_until >= CASE state WHEN 'approved' THEN ? ELSE ? END)
                """,
                [
                    principal.issuer, principal.subject, policy, min(end, instant).milliseconds, end.milliseconds,
                    instant.milliseconds,
                ]
            )
        }
    }
}

extension ListedCases {
    fileprivate init(rows: [Row], isWhole: Bool) {
        var (cases, unreadable): ([ApprovalCase], [String]) = ([], [])
        for row in rows {
            if let approval = try? ApprovalCase(stored: row["document"]) {
                cases.append(approval)
            } else {
                unreadable.append(row["request_id"])
            }
        }
        let last = isWhole ? nil : rows.last
        let place = last.flatMap { row in
            RequestID(row["request_id"] as String).map { CaseCursor(createdAt: row["created_at"], requestID: $0) }
        }
        self.init(cases: cases, unreadable: unreadable, next: place)
    }
}

extension ApprovalCase {
    fileprivate func document() throws(StoreError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            throw .unavailable("a request cannot be written as JSON")
        }
    }

    fileprivate init(stored document: String) throws(StoreError) {
        do {
            self = try JSONDecoder().decode(ApprovalCase.self, from: Data(document.utf8))
        } catch {
            throw .unreadable("a request that waits for a decision, or had one")
        }
    }
}
