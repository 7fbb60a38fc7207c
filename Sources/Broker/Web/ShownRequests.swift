import AccessControl
import FoundationEssentials

/// What a page shows of a request, and what its reader may do with it.
struct ShownRequest: Sendable {
    let approval: ApprovalCase
    let state: RequestState
    /// As it was when it was asked for; `nil` if it has changed since, or is gone.
    let policy: AccessPolicy?
    let mayDecide: Bool
    let isOwn: Bool

    /// Whoever has approved may only deny.
    var mayApprove: Bool { mayDecide && policy != nil && ownVote == nil }
    var mayCancel: Bool { isOwn && state == .pending }
    /// ``ApprovalDesk`` judges again when it is done.
    let mayRevoke: Bool
    /// What the reader has said to it last.
    let ownVote: ApprovalCase.Vote?
    /// For those who decide only.
    let session: ApprovedSession?
}

/// Looks requests up for pages.
struct ShownRequests: Sendable {
    let desk: ApprovalDesk
    let now: @Sendable () -> Date

    func request(_ id: String, for principal: Principal) async throws(ApprovalFailure) -> ShownRequest {
        guard let id = RequestID(id) else { throw .notFound }
        let approval = try await desk.request(id, for: principal)
        let state = approval.state(at: now())
        let view = try await desk.view(of: approval, for: principal)
        let isOwn = approval.content.requester == principal.id
        let gives = state == .active || state == .scheduled
        return ShownRequest(
            approval: approval, state: state, policy: view.policy,
            mayDecide: view.isDecided && state == .pending, isOwn: isOwn,
            mayRevoke: gives ? try await desk.mayRevoke(approval, by: principal) : false,
            ownVote: approval.lastVote(of: principal), session: view.session)
    }
}
