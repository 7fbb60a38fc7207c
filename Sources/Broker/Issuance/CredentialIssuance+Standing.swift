package import AccessControl
import BrokerStore
import FoundationEssentials

extension CredentialIssuance {
    /// What people have said already about a policy that somebody asks for without saying which request they mean.
    package enum Standing {
        case granted(Grant, AccessPolicy, ApprovalCase)
        case waits(RequestID)
        /// Nothing, or the rules do without people.
        case nothing(UsableCatalog)
    }

    /// Whoever had approval until now, and a program that goes on, does not ask approvers again by itself for so long.
    static let pauseAfterEnd: TimeInterval = 1800

    /// Only what was asked for the policy and the tags of now counts. The newest of these decides; one that was denied or revoked
    /// holds until its time is over, and one that people approved for a while after its end, so that a program that keeps asking
    /// does not bother approvers again. Of those that give access now, what was allowed ahead comes last: it may not hold any more.
    package func standing(of policyID: String, for principal: Principal) async throws(IssuanceFailure) -> Standing {
        let instant = now()
        let (cases, revoked, catalog) = try await standingRecords(of: principal, policy: policyID, at: instant)
        guard !(cases.isEmpty && revoked.isEmpty), let policy = catalog.policy,
            let tags = try? policy.sessionTags(for: principal),
            catalog.teams.contains(where: { $0.policies.contains(policyID) })
        else { return .nothing(catalog) }
        let relevant = cases.filter { $0.content.isStillWhat(policy, tags: tags) }
        let active = relevant.filter { $0.state(at: instant) == .active }
        for approval in active.filter({ !$0.wasAllowedAhead }) + active.filter(\.wasAllowedAhead) {
            guard let grant = try await grant(approval.requestID), grant.isActive(at: instant) else { continue }
            return .granted(grant, policy, approval)
        }
        if let standing = try standing(of: relevant, at: instant) { return standing }
        // What the rules had allowed at once has no case.
        if let revoked = revoked.first(where: {
            $0.policyVersion == policy.version && $0.tags.haveValues(of: tags)
        }) {
            throw .decidedAgainst(revoked.requestID, by: nil, .revoked)
        }
        return .nothing(catalog)
    }

    /// What the newest of them says that says anything, where none gives access now.
    private func standing(of cases: [ApprovalCase], at instant: Date) throws(IssuanceFailure) -> Standing? {
        for approval in cases {
            switch approval.state(at: instant) {
            case .pending: return .waits(approval.requestID)
            case .denied where instant < approval.expiresAt,
                .revoked where instant < approval.window?.notAfter ?? instant:
                throw .decidedAgainst(approval.requestID, by: approval.lastVoter, approval.stored)
            case .ended where approval.holdsAfterEnd(at: instant):
                throw .decidedAgainst(approval.requestID, by: nil, approval.stored)
            default: continue
            }
        }
        return nil
    }
}

extension CredentialIssuance {
    /// Credentials under what was granted before. What the policy requires of the person and the place is judged anew, with the token of
    /// now: hours that are over and a second factor that is missing or too old end it, whatever was approved, and so does a place outside
    /// the networks that the policy names, for the credentials leave to there. So is the policy's `automatic`, if it was
    /// by its word that the rules allowed this ahead: nobody has looked at what is so now.
    /// - Parameters:
    ///   - asked: `nil` where nobody follows the request.
    ///   - wanted: the longest session that the principal wants now; `nil`: all that is left.
    func mint(
        under grant: Grant, policy: AccessPolicy, for principal: Principal, asked: ApprovalCase?,
        atMost wanted: Duration? = nil
    ) async throws(IssuanceFailure) -> Minted {
        let request = AccessRequest(
            id: grant.requestID, principal: principal, policyID: policy.id,
            duration: .seconds(grant.notAfter.timeIntervalSince(grant.notBefore)), reason: asked?.content.reason,
            ticket: asked?.content.ticket, receivedAt: now())
        let facts = AccessFacts(policy: policy, teams: [], chainsRoles: await chainsRoles())
        let requirements: [any AccessRule] = [SourceNetwork(), RecentMFA()]
        for rule in requirements {
            guard case .forbids(let why) = rule.verdict(on: request, knowing: facts) else { continue }
            return try await refuse(
                grant, from: principal.source, because: .requirementUnmet([why], grant.requestID), detail: why.detail)
        }
        if case .forbids(let why) = PolicyCondition().verdict(on: request, knowing: facts) {
            return try await refuse(
                grant, from: principal.source, because: .denied([why], grant.requestID), detail: why.detail)
        }
        if asked?.wasAllowedAhead == true,
            let why = AutomaticRisk.unmetCondition(of: policy, on: request, knowing: facts)
        {
            return try await refuse(
                grant, from: principal.source, because: .noLongerAutomatic(why, grant.requestID), detail: why.detail)
        }
        return try await mint(under: grant, policy: policy, from: principal.source, atMost: wanted)
    }

    /// Each of them goes to people, so nobody has more than they could want decided.
    static let mostPending = 25
}

extension ApprovalCase {
    /// The name of whoever denied it; `nil` if nobody has.
    fileprivate var lastVoter: String? { stored == .denied ? votes.last?.userName : nil }

    /// Whether people had approved it, and it has ended only just now.
    fileprivate func holdsAfterEnd(at instant: Date) -> Bool {
        guard rule != nil, let end = window?.notAfter else { return false }
        return instant < end.addingTimeInterval(CredentialIssuance.pauseAfterEnd)
    }
}
