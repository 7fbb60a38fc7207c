package import AccessControl
package import FoundationEssentials

/// What the broker remembers: requests, grants and the audit trail, and what it needs to know of policies and teams.
///
/// Every change is one atomic, conditional write together with its audit events, as both SQLite and DynamoDB can do
/// it; there is no "read, then write what follows from it". What throws has changed nothing. `docs/store.md` has a row for
/// each method.
package protocol BrokerRecords: Sendable {
    /// The policy with this id in its current version; `nil` if there is none.
    func policy(_ id: String) async throws(StoreError) -> AccessPolicy?

    /// Those of the named teams that exist.
    func teams(_ ids: [String]) async throws(StoreError) -> [Team]

    /// Both of them, as they are at one instant.
    func catalogExcerpt(policy id: String, teams: [String]) async throws(StoreError) -> CatalogExcerpt

    /// Adds a decided request, the grant that an `allow` gives, the case that people follow, and the audit events.
    ///
    /// Conditions: the id is new, and the policy still has the version that was decided on; for a case that waits, fewer than
    /// ``DecidedRequest/mostPending`` of that person wait at `instant`, else it fails with ``StoreError/tooManyPending(_:)``; and
    /// for one that ``DecidedRequest/yieldsToWaiting``, none of that person waits for the same, else with
    /// ``StoreError/waitsAlready(_:)``.
    func add(_ decided: DecidedRequest, at instant: Date) async throws(StoreError)

    /// The newest grant for pick-up whose window contains the instant.
    func newestGrant(of principal: PrincipalID, at instant: Date) async throws(StoreError) -> Grant?

    /// The grant of that request, whatever its window; `nil` if there is none.
    func grant(_ id: RequestID) async throws(StoreError) -> Grant?

    /// ``catalogExcerpt(policy:teams:)``, with the first `limit` cases of ``CaseSelection/standing(_:policy:at:endedAfter:)``; and the
    /// grants of the policy's present version that were revoked and whose window isn't over. Nothing that was written before the call is
    /// missing; of what is written meanwhile, any part may be there without the rest, so what follows from them is written with conditions
    /// of its own.
    func standingRecords(
        of principal: PrincipalID, policy: String, teams: [String], at instant: Date, endedAfter end: Date, limit: Int
    ) async throws(StoreError) -> StandingRecords

    /// Nothing more is minted under that grant. Condition: it exists and isn't revoked yet.
    func revokeGrant(_ id: RequestID, event: AuditedStateChange, at instant: Date) async throws(StoreError)

    /// The case of that request; `nil` if there is none.
    func approvalCase(_ id: RequestID) async throws(StoreError) -> ApprovalCase?

    /// At most `limit` cases that fit, the newest first; only those after `cursor` in that order. One that can't be read keeps back no
    /// other.
    func listedCases(
        _ selection: CaseSelection, after cursor: CaseCursor?, limit: Int
    ) async throws(StoreError) -> ListedCases

    /// Writes a case that was changed once, together with what follows from it.
    ///
    /// Conditions: what is stored is the revision before it; and for a new grant, the policy still has the version that was
    /// approved.
    func update(_ change: CaseChange, at instant: Date) async throws(StoreError)

    /// Records that credentials are about to leave.
    ///
    /// Conditions: the grant exists and is active, and not revoked, and its policy still has the version that was granted.
    func record(_ issuance: AuditedIssuance, at instant: Date) async throws(StoreError)

    /// Appends an event that changes nothing else.
    func append(_ event: AuditEvent, at instant: Date) async throws(StoreError)

    /// At most `limit` records after the given sequence number, oldest first, as they were written.
    func auditLines(after sequence: Int64, limit: Int) async throws(StoreError) -> [AuditLine]

    /// What led to the sessions of that access key id or name: their issuances, or the refusals that withheld such a key, the newest
    /// ``AuditExcerpt/most`` of them; and what else there is of their requests, but no other issuances, and of refusals the newest
    /// ``AuditExcerpt/most``. Oldest first.
    func auditExcerpt(about session: String) async throws(StoreError) -> AuditExcerpt

    /// At most `limit` records after the given sequence number, oldest first.
    func auditTrail(after sequence: Int64, limit: Int) async throws(StoreError) -> [AuditRecord]
}

extension BrokerRecords {
    /// The same, for whoever decides by them: fails if one of them can't be read.
    package func approvalCases(
        _ selection: CaseSelection, after cursor: CaseCursor? = nil, limit: Int
    ) async throws(StoreError) -> [ApprovalCase] {
        try await listedCases(selection, after: cursor, limit: limit).allReadable
    }
}

/// What a decision needs to know of the catalog.
package struct CatalogExcerpt: Sendable {
    /// `nil` if there is none; a failure if what is stored is broken, which is no failure of the store.
    package let policy: Result<AccessPolicy?, StoreError>
    /// Those that exist.
    package let teams: [Team]

    package init(policy: Result<AccessPolicy?, StoreError>, teams: [Team]) {
        self.policy = policy
        self.teams = teams
    }
}

/// What was decided about one person and one policy, and may still count.
package struct StandingRecords: Sendable {
    package let catalog: CatalogExcerpt
    package let cases: ListedCases
    package let revokedGrants: [Grant]

    package init(catalog: CatalogExcerpt, cases: ListedCases, revokedGrants: [Grant]) {
        self.catalog = catalog
        self.cases = cases
        self.revokedGrants = revokedGrants
    }
}

/// A part of a list of cases.
package struct ListedCases: Sendable, Equatable {
    package let cases: [ApprovalCase]
    /// The ids of those that belong here and can't be read; the operator must repair them.
    package let unreadable: [String]
    /// Where the list may go on; `nil` at its end.
    package let next: CaseCursor?

    package init(cases: [ApprovalCase], unreadable: [String], next: CaseCursor?) {
        self.cases = cases
        self.unreadable = unreadable
        self.next = next
    }

    /// Fails if one of them can't be read.
    package var allReadable: [ApprovalCase] {
        get throws(StoreError) {
            if let id = unreadable.first { throw .unreadable("request \(id)") }
            return cases
        }
    }
}

/// A request with what was decided on it; they are stored together or not at all.
package struct DecidedRequest: Sendable {
    package let request: AccessRequest
    package let decision: Decision
    /// The policy's version that was decided on; `nil` if there is no such policy.
    package let policyVersion: PolicyVersion?
    /// Present exactly when the decision is `allow`.
    package let grant: Grant?
    /// Present if people follow the request.
    package let approval: ApprovalCase?
    /// What people are told of it.
    package let notices: [AddressedNotice]
    /// How many requests of one person may wait for decisions, with this one; `nil`: any number.
    package let mostPending: Int?
    /// Whether it is not added while another of that person waits for the same: policy, version of it and tags
    /// (``RequestContent/isForTheSame(as:)``).
    package let yieldsToWaiting: Bool

    package init(
        _ request: AccessRequest, decision: Decision, policyVersion: PolicyVersion?, grant: Grant?,
        approval: ApprovalCase? = nil, notices: [AddressedNotice] = [], mostPending: Int? = nil,
        yieldsToWaiting: Bool = false
    ) {
        self.yieldsToWaiting = yieldsToWaiting
        self.mostPending = mostPending
        self.notices = notices
        self.request = request
        self.decision = decision
        self.policyVersion = policyVersion
        self.grant = grant
        self.approval = approval
    }
}

/// Which cases to list.
package enum CaseSelection: Sendable, Equatable {
    /// What this principal asked for, under that policy if one is named.
    case of(PrincipalID, policy: String?)
    /// What waits for a decision.
    case pending(at: Date)
    /// What nobody decided on in time, and is not written as expired yet.
    case overdue(at: Date)
    /// What was granted and has not ended.
    case granted(at: Date)
    /// What this principal asked for under that policy and may still count: it waits; it was denied or revoked, and its time isn't over;
    /// or it was granted and has not ended before `end`.
    case standing(PrincipalID, policy: String, at: Date, endedAfter: Date)
}

/// A place in a list of cases: of two that came in the same millisecond, the one with the greater id is the newer.
package struct CaseCursor: Sendable, Equatable {
    /// Milliseconds since 1970.
    package let createdAt: Int64
    package let requestID: RequestID

    package init(createdAt: Int64, requestID: RequestID) {
        self.createdAt = createdAt
        self.requestID = requestID
    }

    /// Behind that case.
    package init(after approval: ApprovalCase) {
        self.init(createdAt: approval.createdAt.milliseconds, requestID: approval.requestID)
    }
}

/// A case after one change, and what is written with it.
package struct CaseChange: Sendable {
    package let approval: ApprovalCase
    package let events: [AuditEvent]
    /// What a last approval gives.
    package let grant: Grant?
    /// Whether the grant that the case has given ends now.
    package let revokesGrant: Bool
    /// What people are told of it.
    package let notices: [AddressedNotice]

    package init(
        _ approval: ApprovalCase, events: [AuditEvent], grant: Grant? = nil, revokesGrant: Bool = false,
        notices: [AddressedNotice] = []
    ) {
        self.notices = notices
        self.approval = approval
        self.events = events
        self.grant = grant
        self.revokesGrant = revokesGrant
    }
}
