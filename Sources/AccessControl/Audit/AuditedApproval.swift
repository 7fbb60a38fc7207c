import Credentials
import FoundationEssentials

/// Somebody decided on a request.
package struct AuditedVote: Codable, Sendable, Equatable {
    package var requestID: RequestID
    package var voter: PrincipalID
    package var userName: String
    package var choice: ApprovalCase.Vote.Choice
    package var comment: String?
    /// What they were shown, and agreed to or not.
    package var contentHash: String
    /// Whose request it is; `nil` in what was recorded before events had it; so is the next.
    package var principal: PrincipalID?
    package var source: RequestSource?

    package init(_ vote: ApprovalCase.Vote, on approval: ApprovalCase, source: RequestSource) {
        self.source = source.known
        principal = approval.content.requester
        requestID = approval.requestID
        voter = vote.voter
        userName = vote.userName
        choice = vote.choice
        comment = vote.comment
        contentHash = approval.contentHash
    }
}

/// A request, or what was granted for it, has come to another state.
package struct AuditedStateChange: Codable, Sendable, Equatable {
    package var requestID: RequestID
    package var from: RequestState
    package var to: RequestState
    /// `nil`: the broker by itself.
    package var actor: PrincipalID?
    package var userName: String?
    package var comment: String?
    /// Of a last approval: from when on credentials may be had, and the first instant at which none are minted any more,
    /// in RFC 3339. `nil` in what was recorded before events had it; so are the next.
    package var notBefore: String?
    package var notAfter: String?
    /// Whose request it is.
    package var principal: PrincipalID?
    package var source: RequestSource?

    /// - Parameter window: what a last approval gives.
    package init(
        requestID: RequestID, of principal: PrincipalID, from: RequestState, to: RequestState, actor: Principal?,
        comment: String? = nil, window: ApprovalCase.Window? = nil
    ) {
        self.requestID = requestID
        notBefore = window.map { AWSTimestamp.text($0.notBefore) }
        notAfter = window.map { AWSTimestamp.text($0.notAfter) }
        self.principal = principal
        self.from = from
        self.to = to
        self.actor = actor?.id
        userName = actor?.userName
        source = actor?.source.known
        self.comment = comment
    }
}
