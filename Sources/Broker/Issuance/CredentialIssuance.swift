package import AccessControl
package import BrokerStore
package import FoundationEssentials
package import Logging
import PolicyFiles

/// From a verified principal's wish to credentials: decide, approve, assume, record. There is no other way to them.
///
/// Whatever fails on the way, no credentials leave: they are returned in one place, ``mint(under:policy:from:atMost:)``, after
/// their record is on disk.
package struct CredentialIssuance: Sendable {
    let records: any BrokerRecords
    let roles: any RoleAssuming
    let rules: AccessRules
    let sessionNaming: SessionNaming
    /// Whether the broker's own AWS credentials are a role's now, which caps sessions at one hour.
    let chainsRoles: @Sendable () async -> Bool
    /// Who can be told.
    let routing: NoticeRouting
    /// `nil`: the policies and their risks alone say what needs a person.
    let evaluator: (any RequestEvaluating)?
    let metrics: BrokerMetrics
    let logger: Logger
    let now: @Sendable () -> Date

    package init(
        records: any BrokerRecords, roles: any RoleAssuming, rules: AccessRules = .complete,
        sessionNaming: SessionNaming, chainsRoles: @escaping @Sendable () async -> Bool,
        routing: NoticeRouting = .nobody, evaluator: (any RequestEvaluating)? = nil,
        metrics: BrokerMetrics = BrokerMetrics(), logger: Logger, now: @escaping @Sendable () -> Date
    ) {
        self.records = records
        self.roles = roles
        self.rules = rules
        self.sessionNaming = sessionNaming
        self.chainsRoles = chainsRoles
        self.routing = routing
        self.evaluator = evaluator
        self.metrics = metrics
        self.logger = logger
        self.now = now
    }

    /// Credentials now, if the rules allow them without a person, or approvers have allowed them; otherwise the request waits
    /// for an approver. Asking again finds the request that waits already, however many ask at once.
    ///
    /// Under what was granted before, the session is as long as what is left, or as the wish says if that is less.
    package func issue(_ wish: Wish, to principal: Principal) async throws(IssuanceFailure) -> Outcome {
        let catalog: UsableCatalog
        switch try await standing(of: wish.policyID, for: principal) {
        case .granted(let grant, let policy, let asked):
            let minted = try await mint(
                under: grant, policy: policy, for: principal, asked: asked, atMost: wish.duration)
            return .issued(grant.requestID, minted.credentials, shortened: minted.shortened)
        case .waits(let id): return .needsApproval(id)
        case .nothing(let found): catalog = found
        }
        let decided = try await decide(wish, by: principal, delivery: .immediate, knowing: catalog)
        guard let approved = decided.approved else { return .needsApproval(decided.requestID) }
        let minted = try await mint(under: approved.grant, policy: approved.policy, from: principal.source)
        let shortened = minted.shortened?.after(decided.shortened) ?? decided.shortened
        return .issued(decided.requestID, minted.credentials, shortened: shortened)
    }

    /// Only decides. What is allowed becomes a grant whose credentials ``pickUp(by:)`` mints.
    package func request(_ wish: Wish, by principal: Principal) async throws(IssuanceFailure) -> Decided {
        let catalog = try await usableCatalog(wish.policyID, for: principal)
        return try await decide(wish, by: principal, delivery: .pickUp, knowing: catalog)
    }

    /// Credentials under the principal's newest active grant, if its tags are those that the principal's claims give now; `nil` if
    /// there is none.
    package func pickUp(by principal: Principal) async throws(IssuanceFailure) -> PickedUp? {
        guard let grant = try await newestGrant(of: principal), grant.principal == principal.id else { return nil }
        let (policy, _, teams) = try await usableCatalog(grant.policyID, for: principal)
        guard teams.contains(where: { $0.policies.contains(grant.policyID) }), let policy,
            let tags = try? policy.sessionTags(for: principal), grant.tags.haveValues(of: tags)
        else { return try await refuse(grant, from: principal.source, because: .grantVoid(grant.requestID)) }
        let asked = try await approvalCase(of: grant)
        let minted = try await mint(under: grant, policy: policy, for: principal, asked: asked)
        return PickedUp(grant: grant, credentials: minted.credentials)
    }
}
