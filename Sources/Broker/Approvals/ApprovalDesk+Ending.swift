import AccessControl
import BrokerStore

/// What ends a request before anybody decides, or the access that it gave before its time is over.
extension ApprovalDesk {
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
}
