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
    /// Whose request it is; `nil` in what was recorded before events had it; so is the next.
    package var principal: PrincipalID?
    package var source: RequestSource?

    package init(
        requestID: RequestID, of principal: PrincipalID, from: RequestState, to: RequestState, actor: Principal?,
        comment: String? = nil
    ) {
        self.requestID = requestID
        self.principal = principal
        self.from = from
        self.to = to
        self.actor = actor?.id
        userName = actor?.userName
        source = actor?.source.known
        self.comment = comment
    }
}
