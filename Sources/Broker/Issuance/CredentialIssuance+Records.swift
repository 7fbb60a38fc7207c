import AccessControl
import BrokerAPI
import BrokerStore
import FoundationEssentials
import Logging

/// What the steps ask of the records. Every failure ends the issuance.
extension CredentialIssuance {
    func teams(of principal: Principal) async throws(IssuanceFailure) -> [Team] {
        do { return try await records.teams(principal.teams) } catch { throw failed(error, to: "read teams") }
    }

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

    /// What was asked for; `nil` where nobody follows the request.
    func content(of grant: Grant) async throws(IssuanceFailure) -> RequestContent? {
        do {
            return try await records.approvalCase(grant.requestID)?.content
        } catch {
            throw failed(error, to: "read request")
        }
    }

    func revokedGrant(of principal: Principal, policy: String) async throws(IssuanceFailure) -> Grant? {
        do {
            return try await records.revokedGrant(of: principal.id, policy: policy, at: now())
        } catch {
            throw failed(error, to: "read grant")
        }
    }

    /// All requests for that policy that may still count, the newest first, however many came after them. If one of them can't be read,
    /// nobody knows whether it was denied, so this fails.
    func standingCases(
        of principal: Principal, policy: String, at instant: Date
    ) async throws(IssuanceFailure) -> [ApprovalCase] {
        let end = instant.addingTimeInterval(-Self.pauseAfterEnd)
        let selection = CaseSelection.standing(principal.id, policy: policy, at: instant, endedAfter: end)
        var cases: [ApprovalCase] = []
        while true {
            let place = cases.last.map(CaseCursor.init)
            let part = try await approvalCases(selection, after: place, limit: Self.casesPerRead)
            cases += part
            guard part.count == Self.casesPerRead else { return cases }
        }
    }

    private static let casesPerRead = 100

    func approvalCases(
        _ selection: CaseSelection, after cursor: CaseCursor?, limit: Int
    ) async throws(IssuanceFailure) -> [ApprovalCase] {
        do {
            return try await records.approvalCases(selection, after: cursor, limit: limit)
        } catch {
            throw failed(error, to: "read requests")
        }
    }

    /// A policy whose stored form is broken counts as none, so that the rules forbid it.
    func usablePolicy(
        _ id: String
    ) async throws(IssuanceFailure) -> (policy: AccessPolicy?, isUnusable: Bool) {
        do {
            return (try await records.policy(id), false)
        } catch .unreadable(let what) {
            logger.error("policy unusable", metadata: ["problem": "\(what)"])
            return (nil, true)
        } catch {
            throw failed(error, to: "read policy")
        }
    }

    func record(_ decided: DecidedRequest) async throws(IssuanceFailure) {
        do {
            try await records.add(decided, at: now())
        } catch .tooManyPending(let count) {
            throw .tooManyPending(count)
        } catch {
            throw failed(error, to: "record decision")
        }
        metrics.decided(decided.decision.outcome)
        logger.info(
            "request decided",
            metadata: ["request": "\(decided.request.id)", "outcome": "\(decided.decision.outcome.rawValue)"])
    }

    /// Records that an allowed request got nothing, and throws the failure. If even that can't be recorded, the log
    /// says so.
    func refuse<Result>(
        _ grant: Grant, from source: RequestSource, because failure: IssuanceFailure, detail: String? = nil
    ) async throws(IssuanceFailure) -> Result {
        let refusal = AuditedRefusal(
            of: grant, code: failure.code.rawValue, detail: detail ?? failure.description, source: source)
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
