import AccessControl
import BrokerStore

extension CredentialIssuance {
    /// What people have said already about a policy that somebody asks for without saying which request they mean.
    enum Standing {
        case granted(Grant, AccessPolicy)
        case waits(RequestID)
    }

    /// Only what was asked for the policy and the tags of now counts. The newest of these decides; one that was denied or revoked
    /// holds until its time is over, so that a program that keeps asking does not bother approvers again. `nil`: nothing does,
    /// or the rules do without people.
    func standing(of policyID: String, for principal: Principal) async throws(IssuanceFailure) -> Standing? {
        let cases = try await approvalCases(.of(principal.id, policy: policyID), limit: 20)
        guard !cases.isEmpty, let policy = try await usablePolicy(policyID).policy,
            let tags = try? policy.sessionTags(for: principal),
            try await teams(of: principal).contains(where: { $0.policies.contains(policyID) })
        else { return nil }
        let instant = now()
        let relevant = cases.filter { $0.content.isStillWhat(policy, tags: tags) }
        for approval in relevant where approval.state(at: instant) == .active {
            guard let grant = try await grant(approval.requestID), grant.isActive(at: instant) else { continue }
            return .granted(grant, policy)
        }
        for approval in relevant {
            switch approval.state(at: instant) {
            case .pending: return .waits(approval.requestID)
            case .denied where instant < approval.expiresAt,
                .revoked where instant < approval.window?.notAfter ?? instant:
                throw .decidedAgainst(approval.requestID, by: approval.lastVoter, approval.stored)
            default: continue
            }
        }
        return nil
    }
}

extension CredentialIssuance {
    /// Each of them goes to people, so nobody has more than they could want decided.
    static let mostPending = 25

    func checkPending(of principal: Principal) async throws(IssuanceFailure) {
        let instant = now()
        let cases = try await approvalCases(.of(principal.id, policy: nil), limit: 200)
        let pending = cases.count { $0.state(at: instant) == .pending }
        guard pending < Self.mostPending else { throw .tooManyPending(pending) }
    }
}

extension ApprovalCase {
    /// The name of whoever denied it; `nil` if nobody has.
    fileprivate var lastVoter: String? { stored == .denied ? votes.last?.userName : nil }
}
