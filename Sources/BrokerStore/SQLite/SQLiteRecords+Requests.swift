package import AccessControl
package import FoundationEssentials
import GRDB

extension SQLiteRecords {
    package func add(_ decided: DecidedRequest, at instant: Date) async throws(StoreError) {
        let tags = try decided.grant.map { grant throws(StoreError) in try storedTags(grant.tags) }
        let events = [
            try WrittenEvent(.request(AuditedRequest(decided.request))),
            try WrittenEvent(
                .decision(
                    AuditedDecision(
                        decided.decision, on: decided.request, policyVersion: decided.policyVersion,
                        grant: decided.grant))),
        ]
        try await write("adding a request") { database in
            if let version = decided.policyVersion {
                try database.require(policy: decided.request.policyID, in: version)
            }
            if let most = decided.mostPending, let approval = decided.approval, approval.stored == .pending {
                try database.requirePending(of: approval.content.requester, fewerThan: most, at: instant)
            }
            try database.insert(decided)
            if let grant = decided.grant, let tags { try database.insert(grant, tags: tags) }
            if let approval = decided.approval { try database.insert(approval) }
            for event in events { try database.append(event, at: instant) }
            try database.enqueue(decided.notices, at: instant)
        }
    }

    package func newestGrant(of principal: PrincipalID, at instant: Date) async throws(StoreError) -> Grant? {
        try await read("reading a grant") { try $0.grantToPickUp(by: principal, at: instant) }
    }

    package func record(_ issuance: AuditedIssuance, at instant: Date) async throws(StoreError) {
        let event = try WrittenEvent(.issuance(issuance))
        try await write("recording an issuance") { database in
            let row = try database.cachedRow(
                "SELECT * FROM grants WHERE request_id = ? AND revoked_at IS NULL", [issuance.requestID.description])
            guard let grant = try row.map({ try Grant(row: $0) }), grant.isActive(at: instant) else {
                throw StoreError.conditionFailed("there is no active grant for request \(issuance.requestID)")
            }
            guard grant.policyID == issuance.policyID, grant.policyVersion.description == issuance.policyVersion else {
                throw StoreError.conditionFailed("request \(issuance.requestID) was granted under another policy")
            }
            try database.require(policy: grant.policyID, in: grant.policyVersion)
            try database.append(event, at: instant)
        }
    }
}

extension Database {
    func grantToPickUp(by principal: PrincipalID, at instant: Date) throws -> Grant? {
        let row = try cachedRow(
            """
            SELECT * FROM grants
            WHERE issuer = ? AND subject = ? AND delivery = 'pick_up' AND not_before <= ? AND not_after > ?
                AND revoked_at IS NULL
            ORDER BY not_before DESC, rowid DESC LIMIT 1
            """,
            [principal.issuer, principal.subject, instant.milliseconds, instant.milliseconds])
        return try row.map { try Grant(row: $0) }
    }

    func revokedGrants(of principal: PrincipalID, policy: String, at instant: Date) throws -> [Grant] {
        let rows = try cachedRows(
            """
            SELECT * FROM grants
            WHERE issuer = ? AND subject = ? AND not_after > ? AND policy_id = ? AND revoked_at IS NOT NULL
                AND policy_version = (SELECT version FROM policies WHERE id = policy_id)
            ORDER BY not_after DESC
            """,
            [principal.issuer, principal.subject, instant.milliseconds, policy])
        return try rows.map { try Grant(row: $0) }
    }

    func require(policy id: String, in version: PolicyVersion) throws {
        let current = try cachedValue(String.self, "SELECT version FROM policies WHERE id = ?", [id])
        guard current == version.description else {
            throw StoreError.conditionFailed("policy \"\(id)\" is no longer the one that was decided on")
        }
    }

    fileprivate func insert(_ decided: DecidedRequest) throws {
        let request = decided.request
        try executeCached(
            """
            INSERT INTO requests (id, issuer, subject, user_name, policy_id, policy_version, duration_seconds,
                reason, ticket, inline_policy, state, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                request.id.description, request.principal.id.issuer, request.principal.id.subject,
                request.principal.userName, request.policyID, decided.policyVersion?.description,
                request.duration?.wholeSeconds, request.reason, request.ticket, request.inlinePolicy,
                decided.decision.outcome.rawValue, request.receivedAt.milliseconds,
            ])
    }

    func insert(_ grant: Grant, tags: String) throws {
        try executeCached(
            """
            INSERT INTO grants (request_id, issuer, subject, user_name, policy_id, policy_version, tags, inline_policy,
                delivery, not_before, not_after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                grant.requestID.description, grant.principal.issuer, grant.principal.subject, grant.userName,
                grant.policyID, grant.policyVersion.description, tags, grant.inlinePolicy,
                grant.delivery.rawValue, grant.notBefore.milliseconds, grant.notAfter.milliseconds,
            ])
    }
}

func storedTags(_ tags: [PolicyTag]) throws(StoreError) -> String {
    do {
        return String(decoding: try JSONEncoder().encode(tags), as: UTF8.self)
    } catch {
        throw .unavailable("session tags cannot be written as JSON")
    }
}

extension Grant {
    init(row: Row) throws(StoreError) {
        let (id, delivery, tags): (String, String, String) = (row["request_id"], row["delivery"], row["tags"])
        guard let requestID = RequestID(id), let delivery = Delivery(rawValue: delivery),
            let tags = try? JSONDecoder().decode([PolicyTag].self, from: Data(tags.utf8))
        else { throw .unreadable("the grant of request \(id)") }
        self.init(
            requestID: requestID,
            principal: PrincipalID(issuer: row["issuer"], subject: row["subject"]),
            userName: row["user_name"],
            policyID: row["policy_id"],
            policyVersion: PolicyVersion(stored: row["policy_version"]),
            tags: tags,
            inlinePolicy: row["inline_policy"],
            delivery: delivery,
            notBefore: Date(milliseconds: row["not_before"]),
            notAfter: Date(milliseconds: row["not_after"]),
            isRevoked: (row["revoked_at"] as Int64?) != nil)
    }
}
