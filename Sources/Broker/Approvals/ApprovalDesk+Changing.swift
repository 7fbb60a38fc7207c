import AccessControl
import BrokerStore
import FoundationEssentials
import Logging

/// How a request is changed, whatever the change: it is written only if nobody was faster.
extension ApprovalDesk {
    /// How often a change is tried on what others have changed meanwhile. Each of them got further, so this ends.
    private static let mostTries = 20

    /// Reads, changes and writes, anew whenever somebody else has written meanwhile.
    func change(
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

    /// The event of a change of state, which is logged, too.
    func stateChange(
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
}
