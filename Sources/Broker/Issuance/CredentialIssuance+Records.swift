package import AccessControl
import BrokerAPI
import BrokerStore
import FoundationEssentials
import Logging

/// What the steps ask of the records. Every failure ends the issuance.
extension CredentialIssuance {
    func newestGrant(of principal: Principal) async throws(IssuanceFailure) -> Grant? {
        do {
            return try await records.newestGrant(of: principal.id, at: now())
        } catch {
            throw failed(error, to: "read grant")
        }
    }

    func grant(_ id: RequestID) async throws(IssuanceFailure) -> Grant? {
        do { return try await records.grant(id) } catch { throw failed(error, to: "read grant") }
    }

    /// The request that gave it; `nil` where nobody follows that.
    func approvalCase(of grant: Grant) async throws(IssuanceFailure) -> ApprovalCase? {
        do {
            return try await records.approvalCase(grant.requestID)
        } catch {
            throw failed(error, to: "read request")
        }
    }

    /// All requests for that policy that may still count, the newest first, however many came after them, the grants of it that were
    /// revoked, and the policy with the principal's teams. If one of the requests can't be read, nobody knows whether it was denied, so
    /// this fails.
    func standingRecords(
        of principal: Principal, policy: String, at instant: Date
    ) async throws(IssuanceFailure) -> (cases: [ApprovalCase], revoked: [Grant], catalog: UsableCatalog) {
        let end = instant.addingTimeInterval(-Self.pauseAfterEnd)
        do {
            let found = try await records.standingRecords(
                of: principal.id, policy: policy, teams: principal.teams, at: instant, endedAfter: end,
                limit: Self.casesPerRead)
            var cases = try found.cases.allReadable
            let selection = CaseSelection.standing(principal.id, policy: policy, at: instant, endedAfter: end)
            var isWhole = cases.count < Self.casesPerRead
            while !isWhole, let last = cases.last {
                let part = try await records.approvalCases(
                    selection, after: CaseCursor(after: last), limit: Self.casesPerRead)
                cases += part
                isWhole = part.count < Self.casesPerRead
            }
            return (cases, found.revokedGrants, usable(found.catalog))
        } catch {
            throw failed(error, to: "read requests")
        }
    }

    private static let casesPerRead = 100

    /// The policy and the principal's teams, as they are at one instant.
    func usableCatalog(_ id: String, for principal: Principal) async throws(IssuanceFailure) -> UsableCatalog {
        do {
            return usable(try await records.catalogExcerpt(policy: id, teams: principal.teams))
        } catch {
            throw failed(error, to: "read policy and teams")
        }
    }

    /// A policy whose stored form is broken counts as none, so that the rules forbid it.
    package typealias UsableCatalog = (policy: AccessPolicy?, isUnusable: Bool, teams: [Team])

    private func usable(_ excerpt: CatalogExcerpt) -> UsableCatalog {
        switch excerpt.policy {
        case .success(let policy): return (policy, false, excerpt.teams)
        case .failure(let broken):
            logger.error("policy unusable", metadata: ["problem": "\(broken)"])
            return (nil, true, excerpt.teams)
        }
    }

    /// `nil` if it is recorded now; the id of the request that waits already, if it yields to that and nothing is recorded.
    func record(_ decided: DecidedRequest) async throws(IssuanceFailure) -> RequestID? {
        do {
            try await records.add(decided, at: now())
        } catch .tooManyPending(let count) {
            throw .tooManyPending(count)
        } catch .waitsAlready(let id) {
            return id
        } catch {
            throw failed(error, to: "record decision")
        }
        metrics.decided(decided.decision.outcome)
        logger.info(
            "request decided",
            metadata: ["request": "\(decided.request.id)", "outcome": "\(decided.decision.outcome.rawValue)"])
        return nil
    }

    /// Records that an allowed request got nothing, and throws the failure. If even that can't be recorded, the log
    /// says so.
    /// - Parameter key: that of credentials that were minted all the same, and go nowhere.
    func refuse<Result>(
        _ grant: Grant, from source: RequestSource, because failure: IssuanceFailure, detail: String? = nil,
        withholding key: String? = nil
    ) async throws(IssuanceFailure) -> Result {
        let refusal = AuditedRefusal(
            of: grant, code: failure.code.rawValue, detail: detail ?? failure.description, withholding: key,
            source: source)
        metrics.issued(failure.code.rawValue)
        do {
            try await records.append(.refusal(refusal), at: now())
        } catch {
            logger.error("refusal not recorded", metadata: ["request": "\(grant.requestID)", "error": "\(error)"])
        }
        throw failure
    }

    private func failed(_ error: StoreError, to act: String) -> IssuanceFailure {
        logger.error("records failed", metadata: ["act": "\(act)", "error": "\(error)"])
        return IssuanceFailure(error, of: nil)
    }
}
