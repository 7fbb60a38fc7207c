import AccessControl
package import BrokerStore
package import FoundationEssentials
package import Logging
import PolicyFiles

/// What people do with requests: look at them, decide, cancel, revoke. Each change is written only if nobody was faster.
package struct ApprovalDesk: Sendable {
    /// How many requests a page has at most.
    static let longestPage = 200
    /// How many requests that wait a page looks at, at most, for those that are the principal's to decide; then it has less, and
    /// goes on with the next one.
    private static let mostLookedAt = 1_000
    /// How often a change is tried on what others have changed meanwhile. Each of them got further, so this ends.
    private static let mostTries = 20

    private let records: any BrokerRecords
    /// The teams whose members may end any access.
    private let administrators: Set<String>
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let unreadable = UnreadableRequests()

    package init(
        records: any BrokerRecords, administrators: Set<String> = [], logger: Logger,
        now: @escaping @Sendable () -> Date
    ) {
        self.records = records
        self.administrators = administrators
        self.logger = logger
        self.now = now
    }

    /// What the principal asked for, newest first.
    func requests(
        of principal: Principal, after cursor: CaseCursor?, limit: Int
    ) async throws(ApprovalFailure) -> CasePage {
        let listed = try await list(.of(principal.id, policy: nil), after: cursor, limit: limit)
        var page = CasePage(cases: listed.cases, decidable: [], next: listed.next)
        for approval in listed.cases where approval.state(at: now()) == .pending {
            guard try await isDecided(approval, by: principal, knowing: &page.policies) else { continue }
            page.decidable.insert(approval.requestID)
        }
        return page
    }

    /// What waits for the principal's decision, newest first.
    func requestsToDecide(
        by principal: Principal, after cursor: CaseCursor?, limit: Int
    ) async throws(ApprovalFailure) -> CasePage {
        var (page, lookedAt) = (CasePage(cases: [], decidable: [], next: cursor), 0)
        while lookedAt < Self.mostLookedAt {
            let part = try await list(.pending(at: now()), after: page.next, limit: Self.longestPage)
            for approval in part.cases {
                (page.next, lookedAt) = (CaseCursor(after: approval), lookedAt + 1)
                guard try await isDecided(approval, by: principal, knowing: &page.policies) else { continue }
                page.cases.append(approval)
                page.decidable.insert(approval.requestID)
                if page.cases.count == limit { return page }
            }
            (page.next, lookedAt) = (part.next, lookedAt + part.unreadable.count)
            guard page.next != nil else { return page }
        }
        return page
    }

    /// The request, if the principal may know of it.
    func request(_ id: RequestID, for principal: Principal) async throws(ApprovalFailure) -> ApprovalCase {
        guard let found = try await find(id) else { throw .notFound }
        if found.content.requester == principal.id { return found }
        guard try await mayRevoke(found, by: principal) else { throw .notFound }
        return found
    }

    /// Whether the principal may end the access that it gives.
    func mayRevoke(_ approval: ApprovalCase, by principal: Principal) async throws(ApprovalFailure) -> Bool {
        approval.mayBeRevoked(
            by: principal, under: try await policy(of: approval), administrators: administrators, at: now())
    }

    /// What the principal, who may know of it, sees beside what was asked for.
    func view(of approval: ApprovalCase, for principal: Principal) async throws(ApprovalFailure) -> CaseView {
        CaseView(of: approval, by: principal, under: try await policy(of: approval), at: now())
    }

    /// The policy of one of a list, if it is still what it was when that was asked for.
    func unchangedPolicy(
        of approval: ApprovalCase, knowing policies: inout KnownPolicies
    ) async throws(ApprovalFailure) -> AccessPolicy? {
        approval.unchanged(try await policy(of: approval, knowing: &policies))
    }

    /// Approves or denies exactly what `hash` stands for.
    func decide(
        _ choice: ApprovalCase.Vote.Choice, on id: RequestID, by principal: Principal, comment: String?,
        having hash: String
    ) async throws(ApprovalFailure) -> ApprovalCase {
        try await change(id, for: principal) { approval, instant async throws(ApprovalFailure) in
            let before = approval.state(at: instant)
            let policy = try await policy(of: approval)
            // An approval of what the policy no longer says would be void at once.
            guard choice == .deny || policy?.version.description == approval.content.policyVersion else {
                throw .policyChanged
            }
            do throws(RefusedChange) {
                try approval.vote(choice, by: principal, under: policy, comment: comment, having: hash, at: instant)
            } catch {
                throw .refused(error)
            }
            try checkBegin(of: approval, under: policy)
            var events: [AuditEvent] =
                approval.votes.last.map { [.vote(AuditedVote($0, on: approval, source: principal.source))] } ?? []
            if approval.stored != .pending {
                events.append(stateChange(approval, from: before, by: principal, comment, at: instant))
            }
            return CaseChange(
                approval, events: events, grant: approval.stored == .approved ? approval.grant : nil,
                notices: approval.notices(actor: principal, comment: comment, at: instant))
        }
    }

    func cancel(
        _ id: RequestID, by principal: Principal, comment: String?
    ) async throws(ApprovalFailure) -> ApprovalCase {
        try await change(id, for: principal) { approval, instant throws(ApprovalFailure) in
            let before = approval.state(at: instant)
            do throws(RefusedChange) { try approval.cancel(by: principal, at: instant) } catch { throw .refused(error) }
            return CaseChange(
                approval, events: [stateChange(approval, from: before, by: principal, comment, at: instant)],
                notices: approval.notices(actor: principal, comment: comment, at: instant))
        }
    }

    func revoke(
        _ id: RequestID, by principal: Principal, comment: String?
    ) async throws(ApprovalFailure) -> ApprovalCase {
        try await change(id, for: principal) { approval, instant async throws(ApprovalFailure) in
            let before = approval.state(at: instant)
            let policy = try await policy(of: approval)
            do throws(RefusedChange) {
                try approval.revoke(by: principal, under: policy, administrators: administrators, at: instant)
            } catch {
                throw .refused(error)
            }
            return CaseChange(
                approval, events: [stateChange(approval, from: before, by: principal, comment, at: instant)],
                revokesGrant: true, notices: approval.notices(actor: principal, comment: comment, at: instant))
        }
    }

    /// Ends what the rules granted at once and nobody follows, if the principal is one of the ``AccessEnders``.
    func revokeGrant(_ id: RequestID, by principal: Principal, comment: String?) async throws(ApprovalFailure) -> Grant
    {
        let instant = now()
        do {
            // What people follow has a case, whose rules say who may.
            guard try await records.approvalCase(id) == nil, let grant = try await records.grant(id) else {
                throw ApprovalFailure.notFound
            }
            let enders = AccessEnders(
                of: grant.principal, allowedAtOnceUnder: try await policy(grant.policyID),
                administrators: administrators)
            guard enders.include(principal) else { throw ApprovalFailure.notFound }
            let state = grant.state(at: instant)
            guard state == .active || state == .scheduled else {
                throw ApprovalFailure.refused(.notPossible(in: state))
            }
            let event = AuditedStateChange(
                requestID: id, of: grant.principal, from: state, to: .revoked, actor: principal, comment: comment)
            try await records.revokeGrant(id, event: event, at: instant)
            return try await records.grant(id) ?? grant
        } catch let error as ApprovalFailure {
            throw error
        } catch StoreError.conditionFailed {
            throw .refused(.notPossible(in: .revoked))
        } catch let error as StoreError {
            throw failed(error)
        } catch {
            throw .stateChanged
        }
    }

    /// The states of those requests that are the principal's.
    func states(of ids: [RequestID], for principal: Principal) async throws(ApprovalFailure) -> [RequestID:
        RequestState]
    {
        var states: [RequestID: RequestState] = [:]
        for id in ids {
            do {
                guard let grant = try await records.grant(id), grant.principal == principal.id else { continue }
                states[id] = grant.state(at: now())
            } catch {
                throw failed(error)
            }
        }
        return states
    }
}

extension ApprovalDesk {
    /// Reads, changes and writes, anew whenever somebody else has written meanwhile.
    private func change(
        _ id: RequestID, for principal: Principal,
        _ body: (inout ApprovalCase, Date) async throws(ApprovalFailure) -> CaseChange
    ) async throws(ApprovalFailure) -> ApprovalCase {
        for _ in 0..<Self.mostTries {
            var approval = try await request(id, for: principal)
            let instant = now()
            let change = try await body(&approval, instant)
            do {
                try await records.update(change, at: instant)
                return approval
            } catch .conditionFailed {
                continue
            } catch {
                throw failed(error)
            }
        }
        throw .stateChanged
    }

    /// With the last approval the access begins, which must be within the hours that the policy allows.
    private func checkBegin(of approval: ApprovalCase, under policy: AccessPolicy?) throws(ApprovalFailure) {
        guard approval.stored == .approved, let policy, let begin = approval.window?.notBefore else { return }
        let zones = ZoneFiles.offsets(of: policy.requirements?.zones ?? [])
        if case .forbids(let why) = WithinAllowedTimes.verdict(onBeginAt: begin, under: policy, zones: zones) {
            throw .requirementUnmet(why)
        }
    }

    private func isDecided(
        _ approval: ApprovalCase, by principal: Principal, knowing policies: inout KnownPolicies
    ) async throws(ApprovalFailure) -> Bool {
        let policy = try await policy(of: approval, knowing: &policies)
        return approval.isDecided(by: principal, under: policy, at: now())
    }

    /// Where many are looked at: each policy is read once.
    private func policy(
        of approval: ApprovalCase, knowing policies: inout KnownPolicies
    ) async throws(ApprovalFailure) -> AccessPolicy? {
        do throws(StoreError) {
            return try await policies.policy(approval.content.policyID, in: records)
        } catch .unreadable {
            return nil
        } catch {
            throw failed(error)
        }
    }

    private func policy(of approval: ApprovalCase) async throws(ApprovalFailure) -> AccessPolicy? {
        try await policy(approval.content.policyID)
    }

    /// As it is now; `nil` if it is gone or can't be used.
    private func policy(_ id: String) async throws(ApprovalFailure) -> AccessPolicy? {
        do {
            return try await records.policy(id)
        } catch .unreadable {
            return nil
        } catch {
            throw failed(error)
        }
    }

    private func stateChange(
        _ approval: ApprovalCase, from before: RequestState, by principal: Principal, _ comment: String?,
        at instant: Date
    ) -> AuditEvent {
        let after = approval.state(at: instant)
        logger.info(
            "request changed",
            metadata: [
                "request": "\(approval.requestID)", "from": "\(before.rawValue)", "to": "\(after.rawValue)",
                "by": "\(excerpt(principal.userName))",
            ])
        return .stateChange(
            AuditedStateChange(
                requestID: approval.requestID, of: approval.content.requester, from: before, to: after,
                actor: principal, comment: comment, window: before == .pending ? approval.window : nil))
    }

    private func find(_ id: RequestID) async throws(ApprovalFailure) -> ApprovalCase? {
        do { return try await records.approvalCase(id) } catch { throw failed(error) }
    }

    private func list(
        _ selection: CaseSelection, after cursor: CaseCursor?, limit: Int
    ) async throws(ApprovalFailure) -> ListedCases {
        do {
            let listed = try await records.listedCases(selection, after: cursor, limit: limit)
            unreadable.report(listed.unreadable, to: logger)
            return listed
        } catch {
            throw failed(error)
        }
    }

    private func failed(_ error: StoreError) -> ApprovalFailure {
        logger.error("records failed", metadata: ["act": "requests", "error": "\(error)"])
        return .records(error)
    }
}

/// A part of a list of requests.
struct CasePage: Sendable {
    var cases: [ApprovalCase]
    /// Those that the principal is one of those to decide on.
    var decidable: Set<RequestID>
    /// Where the list goes on; `nil` at its end.
    var next: CaseCursor?
    /// What was read of policies for it.
    var policies = KnownPolicies()
}

extension Grant {
    func state(at instant: Date) -> RequestState {
        if isRevoked { return .revoked }
        return instant < notBefore ? .scheduled : instant < notAfter ? .active : .ended
    }
}

extension ApprovalCase {
    /// What the last approval gives; `nil` before it.
    var grant: Grant? {
        window.map { window in
            Grant(
                requestID: requestID, principal: content.requester, userName: userName, policyID: content.policyID,
                policyVersion: PolicyVersion(stored: content.policyVersion), tags: content.tags,
                inlinePolicy: content.inlinePolicy, delivery: .pickUp, notBefore: window.notBefore,
                notAfter: window.notAfter)
        }
    }
}
