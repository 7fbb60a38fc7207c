import AccessControl
import FoundationEssentials
import Testing

@Suite("ApprovalCase")
struct ApprovalCaseTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let requester = Sample.principal()

    private func approver(_ name: String, teams: [String] = ["security"]) -> Principal {
        Principal(
            id: PrincipalID(issuer: "https://idp.example", subject: name), userName: name, teams: teams, claims: [:])
    }

    private func pending(
        _ rule: ApprovalRule? = Sample.approval(), startsAt: Date? = nil, reason: String? = "because"
    ) throws -> ApprovalCase {
        let policy = try Sample.policy()
        let content = RequestContent(
            requester: requester.id, policyID: policy.id, policyVersion: policy.version,
            tags: [PolicyTag(key: "stage", value: "dev")], durationSeconds: 1800, reason: reason, startsAt: startsAt)
        return ApprovalCase(
            requestID: .random(), content: content, requester: requester, rule: rule, at: start)
    }

    private func vote(
        _ choice: ApprovalCase.Vote.Choice, _ name: String, on approval: inout ApprovalCase, after seconds: Double = 10
    ) throws {
        try approval.vote(
            choice, by: approver(name), under: nil, comment: nil, having: approval.contentHash,
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
        #expect(throws: RefusedChange.alreadyVoted) { try vote(.deny, "one", on: &approval) }
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
