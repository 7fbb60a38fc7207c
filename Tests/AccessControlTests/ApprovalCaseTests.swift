import AccessControl
import FoundationEssentials
import Testing

@Suite("ApprovalCase")
struct ApprovalCaseTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let requester = Sample.principal()

    private func approver(_ name: String, teams: [String] = ["security"], email: String? = nil) -> Principal {
        Principal(
            id: PrincipalID(issuer: "https://idp.example", subject: name), userName: name, teams: teams, claims: [:],
            email: email)
    }

    private func pending(
        _ rule: ApprovalRule? = Sample.approval(), startsAt: Date? = nil, reason: String? = "because",
        email: String? = nil
    ) throws -> ApprovalCase {
        let policy = try Sample.policy()
        let content = RequestContent(
            requester: requester.id, policyID: policy.id, policyVersion: policy.version,
            tags: [PolicyTag(key: "stage", value: "dev")], durationSeconds: 1800, reason: reason, startsAt: startsAt)
        let person = Principal(
            id: requester.id, userName: requester.userName, teams: requester.teams, claims: [:], email: email)
        return ApprovalCase(
            requestID: .random(), content: content, requester: person, rule: rule, at: start)
    }

    private func vote(
        _ choice: ApprovalCase.Vote.Choice, _ name: String, on approval: inout ApprovalCase, after seconds: Double = 10,
        email: String? = nil
    ) throws {
        try approval.vote(
            choice, by: approver(name, email: email), under: nil, comment: nil, having: approval.contentHash,
            at: start.addingTimeInterval(seconds))
    }

    @Test("Enough approvers make it active for its duration, and then it has ended")
    func quorum() throws {
        var approval = try pending(Sample.approval(count: 2))
        try vote(.approve, "one", on: &approval)
        #expect(approval.state(at: start) == .pending)
        try vote(.approve, "two", on: &approval, after: 60)
        #expect(approval.revision == 3)
        #expect(approval.state(at: start.addingTimeInterval(60)) == .active)
        #expect(approval.state(at: start.addingTimeInterval(1859)) == .active)
        #expect(approval.state(at: start.addingTimeInterval(1860)) == .ended)
    }

    @Test("One who denies ends it, whatever others have said")
    func denial() throws {
        var approval = try pending(Sample.approval(count: 2))
        try vote(.approve, "one", on: &approval)
        try vote(.deny, "two", on: &approval)
        #expect(approval.state(at: start) == .denied)
        #expect(throws: RefusedChange.notPossible(in: .denied)) { try vote(.approve, "three", on: &approval) }
    }

    @Test("Nobody approves their own request unless the policy says so, nor without being in an approving team")
    func whoDecides() throws {
        var own = try pending(Sample.approval(teams: ["developers"]))
        let hash = own.contentHash
        #expect(throws: RefusedChange.notYours) {
            try own.vote(.approve, by: requester, under: nil, comment: nil, having: hash, at: start)
        }
        var others = try pending(Sample.approval(teams: ["developers"]))
        #expect(throws: RefusedChange.notYours) { try vote(.approve, "outsider", on: &others) }
        var allowed = try pending(Sample.approval(teams: ["developers"], ownRequests: true))
        try allowed.vote(.approve, by: requester, under: nil, comment: nil, having: hash, at: start)
        #expect(allowed.stored == .approved)
    }

    @Test("An approval is of exactly what was shown, and counts once")
    func content() throws {
        var approval = try pending(Sample.approval(count: 2))
        let other = try pending(reason: "another").contentHash
        #expect(throws: RefusedChange.otherContent) {
            try approval.vote(.approve, by: approver("one"), under: nil, comment: nil, having: other, at: start)
        }
        try vote(.approve, "one", on: &approval)
        #expect(throws: RefusedChange.alreadyVoted) { try vote(.approve, "one", on: &approval) }
        #expect(approval.votes.count == 1)
    }

    @Test("Who has approved may still deny, which ends it, and not the other way round")
    func secondThoughts() throws {
        var approval = try pending(Sample.approval(count: 2))
        try vote(.approve, "one", on: &approval)
        try vote(.deny, "one", on: &approval, after: 60)
        #expect(approval.votes.map(\.choice) == [.approve, .deny])
        #expect(approval.lastVote(of: approver("one"))?.choice == .deny)
        #expect(approval.stored == .denied && approval.window == nil && approval.revision == 3)
        #expect(throws: RefusedChange.notPossible(in: .denied)) { try vote(.approve, "one", on: &approval) }
    }

    @Test(
        "Nobody approves their own request by another account with their verified address, unless the policy says so",
        arguments: [
            ("a@example.com", "a@example.com", false), ("a@example.com", "A@Example.COM", false),
            ("a@example.com", "b@example.com", true), (nil, "a@example.com", true), ("a@example.com", nil, true),
            (nil, nil, true), ("", "", true),
        ] as [(String?, String?, Bool)])
    func otherAccount(asking: String?, deciding: String?, isAnother: Bool) throws {
        let other = approver("other", email: deciding)
        var own = try pending(email: asking)
        #expect(own.isDecided(by: other, under: nil, at: start) == isAnother)
        if isAnother {
            try vote(.approve, "other", on: &own, email: deciding)
            #expect(own.stored == .approved)
        } else {
            for choice in [ApprovalCase.Vote.Choice.approve, .deny] {
                #expect(throws: RefusedChange.notYours) { try vote(choice, "other", on: &own, email: deciding) }
            }
            #expect(own.mayBeRevoked(by: other, under: nil, administrators: [], at: start), "ending it is no approval")
        }
        var allowed = try pending(Sample.approval(ownRequests: true), email: asking)
        try vote(.approve, "other", on: &allowed, email: deciding)
        #expect(allowed.stored == .approved)
    }

    @Test("Accounts with the same verified address count once among those who must agree, and may still deny")
    func oneVoterOfTwoAccounts() throws {
        var approval = try pending(Sample.approval(count: 2), email: "asks@example.com")
        try vote(.approve, "one", on: &approval, email: "a@example.com")
        #expect(throws: RefusedChange.alreadyVoted) {
            try vote(.approve, "two", on: &approval, email: "A@example.com")
        }
        #expect(approval.stored == .pending && approval.votes.count == 1)
        var denied = approval
        try vote(.deny, "two", on: &denied, email: "A@example.com")
        #expect(denied.stored == .denied)
        try vote(.approve, "three", on: &approval, email: "b@example.com")
        #expect(approval.stored == .approved)
    }

    @Test("Votes from before addresses were kept are read, and compared by the account alone")
    func votesWithoutAddress() throws {
        var approval = try pending(Sample.approval(count: 2))
        try vote(.approve, "one", on: &approval, email: "a@example.com")
        let text = String(decoding: try JSONEncoder().encode(approval), as: UTF8.self)
        let before = text.replacing(/"email":"a@example.com",?/, with: "").replacing(",}", with: "}")
        #expect(before != text)
        var read = try JSONDecoder().decode(ApprovalCase.self, from: Data(before.utf8))
        #expect(read.votes.map(\.email) == [nil] && read.votes.map(\.userName) == ["one"])
        #expect(throws: RefusedChange.alreadyVoted) { try vote(.approve, "one", on: &read, email: "a@example.com") }
        try vote(.approve, "two", on: &read, email: "a@example.com")
        #expect(read.stored == .approved)
    }

    @Test("What the rules allow for a time to come is told from what they allow at once, and from what people allow")
    func allowedAhead() throws {
        #expect(try pending(nil, startsAt: start.addingTimeInterval(1)).wasAllowedAhead)
        #expect(try !pending(nil, startsAt: start).wasAllowedAhead)
        #expect(try !pending(nil).wasAllowedAhead)
        #expect(try !pending(startsAt: start.addingTimeInterval(1)).wasAllowedAhead)
    }

    @Test("What nobody decides on expires, and then nobody can")
    func expiry() throws {
        var approval = try pending(Sample.approval(patience: 60))
        #expect(approval.state(at: start.addingTimeInterval(59)) == .pending)
        #expect(approval.state(at: start.addingTimeInterval(60)) == .expired)
        #expect(throws: RefusedChange.notPossible(in: .expired)) { try vote(.approve, "one", on: &approval, after: 60) }
        #expect(throws: RefusedChange.notPossible(in: .expired)) {
            try approval.cancel(by: requester, at: start.addingTimeInterval(60))
        }
    }

    @Test("A later start is kept; an approval after it starts at once")
    func scheduled() throws {
        var approval = try pending(startsAt: start.addingTimeInterval(100))
        try vote(.approve, "one", on: &approval)
        #expect(approval.state(at: start.addingTimeInterval(99)) == .scheduled)
        #expect(approval.state(at: start.addingTimeInterval(100)) == .active)
        var late = try pending(startsAt: start.addingTimeInterval(100))
        try vote(.approve, "one", on: &late, after: 500)
        #expect(late.window?.notAfter == start.addingTimeInterval(2300))
    }

    /// How a case comes to each stored state.
    private func brought(to state: RequestState.Stored) throws -> ApprovalCase {
        var approval = try pending()
        switch state {
        case .pending: break
        case .approved: try vote(.approve, "one", on: &approval)
        case .denied: try vote(.deny, "one", on: &approval)
        case .cancelled: try approval.cancel(by: requester, at: start)
        case .expired: try approval.expire(at: approval.expiresAt)
        case .revoked:
            try vote(.approve, "one", on: &approval)
            try approval.revoke(by: requester, under: nil, at: start.addingTimeInterval(20))
        case .failed:
            try vote(.approve, "one", on: &approval)
            try approval.fail(at: start.addingTimeInterval(20))
        }
        return approval
    }

    @Test(
        "Each change is possible from the states that the table allows, and from no other",
        arguments: RequestState.Stored.allCases)
    func transitions(from state: RequestState.Stored) throws {
        let instant = start.addingTimeInterval(30)
        let changes: [(RequestState.Stored, (inout ApprovalCase) throws -> Void)] = [
            (.approved, { try vote(.approve, "two", on: &$0, after: 30) }),
            (.denied, { try vote(.deny, "two", on: &$0, after: 30) }),
            (.cancelled, { try $0.cancel(by: requester, at: instant) }),
            (.revoked, { try $0.revoke(by: approver("two"), under: nil, at: instant) }),
            (.failed, { try $0.fail(at: instant) }),
            (.expired, { try $0.expire(at: $0.expiresAt) }),
        ]
        for (next, change) in changes {
            var approval = try brought(to: state)
            let before = approval
            if state.successors.contains(next) {
                try change(&approval)
                #expect(approval.stored == next)
                #expect(approval.revision == before.revision + 1)
            } else {
                #expect(throws: RefusedChange.self) { try change(&approval) }
                #expect(approval == before)
            }
        }
    }

    @Test("What the rules allow at once is approved, decided on by nobody")
    func automatic() throws {
        var approval = try pending(nil)
        #expect(approval.state(at: start) == .active)
        #expect(throws: RefusedChange.notYours) { try vote(.deny, "one", on: &approval) }
        try approval.revoke(by: requester, under: nil, at: start)
        #expect(approval.state(at: start) == .revoked)
    }
}
