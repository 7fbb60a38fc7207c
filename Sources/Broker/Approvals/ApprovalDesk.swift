import AccessControl
package import BrokerStore
package import FoundationEssentials
package import Logging

/// What people do with requests: look at them, decide, cancel, revoke. Each change is written only if nobody was faster.
package struct ApprovalDesk: Sendable {
    /// How many requests a page has at most.
    static let longestPage = 200
    /// How many requests that wait a page looks at, at most, for those that are the principal's to decide; then it has less, and
    /// goes on with the next one.
    private static let mostLookedAt = 1_000

    let records: any BrokerRecords
    /// The teams whose members may end any access.
    let administrators: Set<String>
    let logger: Logger
    let now: @Sendable () -> Date
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
    private func isDecided(
        _ approval: ApprovalCase, by principal: Principal, knowing policies: inout KnownPolicies
    ) async throws(ApprovalFailure) -> Bool {
        let policy = try await policy(of: approval, knowing: &policies)
        return approval.isDecided(by: principal, under: policy, at: now())
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

    /// What whoever asks is told; the log says more.
    func failed(_ error: StoreError) -> ApprovalFailure {
        logger.error("records failed", metadata: ["act": "requests", "error": "\(error)"])
        return .records(error)
    }
}
