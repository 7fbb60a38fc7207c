package import FoundationEssentials

/// A request that people follow: what was asked, who decides, what they said, and where it stands.
///
/// A pure value: each change is a method that checks whether it is allowed, and the store writes the result only if nobody was
/// faster (``revision``).
package struct ApprovalCase: Codable, Sendable, Equatable {
    package let requestID: RequestID
    package let content: RequestContent
    package let userName: String
    /// Verified; `nil` if it isn't known.
    package let requesterEmail: String?
    package let requesterTeams: [String]
    /// ``RequestContent/digest`` when it was asked: what approvers are shown, and agree to.
    package let contentHash: String
    /// Who decides, as the policy said when it was asked. `nil`: the rules allowed it at once.
    package let rule: ApprovalRule?
    /// Why the rules don't allow it at once, in words; `nil` if they do, or if it is older than this field.
    package let approvalReasons: [String]?
    package let createdAt: Date
    /// When a request that nobody decided on ends.
    package let expiresAt: Date
    package private(set) var stored: RequestState.Stored
    package private(set) var votes: [Vote]
    /// When credentials may be had; known once it is approved.
    package private(set) var window: Window?
    /// Where whoever asked is told what becomes of it; `nil` if they aren't.
    package let requesterAddress: NoticeAddress?
    /// Rises by one with each change.
    package private(set) var revision: Int

    package struct Window: Codable, Sendable, Equatable {
        package let notBefore: Date
        package let notAfter: Date
    }

    package struct Vote: Codable, Sendable, Equatable {
        package enum Choice: String, Codable, Sendable { case approve, deny }

        package let voter: PrincipalID
        package let userName: String
        package let choice: Choice
        package let comment: String?
        package let at: Date
        /// The voter's, verified; `nil` if it isn't known, or if the vote is older than this field.
        package let email: String?

        package init(
            voter: PrincipalID, userName: String, choice: Choice, comment: String?, at: Date, email: String? = nil
        ) {
            self.email = email
            self.voter = voter
            self.userName = userName
            self.choice = choice
            self.comment = comment
            self.at = at
        }
    }

    /// - Parameter rule: `nil` if the rules allow it at once; it is approved then.
    package init(
        requestID: RequestID, content: RequestContent, requester: Principal, rule: ApprovalRule?,
        approvalReasons: [String]? = nil, requesterAddress: NoticeAddress? = nil, at now: Date
    ) {
        self.requestID = requestID
        self.content = content
        userName = requester.userName
        requesterEmail = requester.email
        requesterTeams = requester.teams
        self.rule = rule
        self.approvalReasons = approvalReasons
        self.requesterAddress = requesterAddress
        contentHash = content.digest
        createdAt = now
        expiresAt = now.addingTimeInterval(Double(rule?.patienceSeconds ?? 0))
        stored = .pending
        votes = []
        revision = 1
        if rule == nil { approve(at: now) }
    }

    package func state(at now: Date) -> RequestState {
        switch stored {
        case .pending: return now < expiresAt ? .pending : .expired
        case .approved:
            guard let window else { return .approved }
            return now < window.notBefore ? .scheduled : now < window.notAfter ? .active : .ended
        case .denied: return .denied
        case .cancelled: return .cancelled
        case .expired: return .expired
        case .revoked: return .revoked
        case .failed: return .failed
        }
    }

    /// Whether the rules allowed it at once, for a time that was still to come.
    package var wasAllowedAhead: Bool {
        guard rule == nil, let start = content.startsAt else { return false }
        return start > createdAt
    }

    // MARK: Changes

    /// Somebody who may decide has decided on exactly what `hash` says. Each person counts once; who has approved may
    /// still deny.
    package mutating func vote(
        _ choice: Vote.Choice, by principal: Principal, under policy: AccessPolicy?, comment: String?,
        having hash: String,
        at now: Date
    ) throws(RefusedChange) {
        guard isDecided(by: principal, under: policy, at: now) else { throw .notYours }
        guard state(at: now) == .pending else { throw .notPossible(in: state(at: now)) }
        guard hash == contentHash else { throw .otherContent }
        if let earlier = lastVote(of: principal), (earlier.choice, choice) != (.approve, .deny) { throw .alreadyVoted }
        votes.append(
            Vote(
                voter: principal.id, userName: principal.userName, choice: choice, comment: comment, at: now,
                email: principal.email))
        revision += 1
        if choice == .deny {
            stored = .denied
        } else if votes.count(where: { $0.choice == .approve }) >= rule?.count ?? .max {
            approve(at: now)
        }
    }

    /// Whoever asked no longer wants it.
    package mutating func cancel(by principal: Principal, at now: Date) throws(RefusedChange) {
        guard principal.id == content.requester else { throw .notYours }
        try change(to: .cancelled, from: [.pending], at: now)
    }

    /// Nobody has decided on it in time; nobody can since then, whether this is written or not.
    package mutating func expire(at now: Date) throws(RefusedChange) {
        try change(to: .expired, from: [.expired], at: now)
    }

    /// Nothing more is minted under it: somebody says so who may (``mayBeRevoked(by:under:administrators:at:)``).
    package mutating func revoke(
        by principal: Principal, under policy: AccessPolicy?, administrators: Set<String> = [], at now: Date
    ) throws(RefusedChange) {
        guard mayBeRevoked(by: principal, under: policy, administrators: administrators, at: now) else {
            throw .notYours
        }
        try change(to: .revoked, from: [.scheduled, .active], at: now)
    }

    /// What was approved is no longer what would be had.
    package mutating func fail(at now: Date) throws(RefusedChange) {
        try change(to: .failed, from: [.scheduled, .active], at: now)
    }

    private mutating func change(
        to next: RequestState.Stored, from states: Set<RequestState>, at now: Date
    ) throws(RefusedChange) {
        let state = state(at: now)
        guard states.contains(state), stored.successors.contains(next) else { throw .notPossible(in: state) }
        stored = next
        revision += 1
    }

    private mutating func approve(at now: Date) {
        stored = .approved
        let start = max(now, content.startsAt ?? now)
        window = Window(
            notBefore: start, notAfter: start.addingTimeInterval(Double(content.durationSeconds)))
    }
}

/// Why a change of an ``ApprovalCase`` isn't made.
package enum RefusedChange: Error, Equatable, Sendable {
    /// This principal has no say in it.
    case notYours
    case notPossible(in: RequestState)
    /// What the voter was shown is not what is asked for.
    case otherContent
    /// They have approved it, by this account or by another with the same verified address; all they still may is deny.
    case alreadyVoted
}
