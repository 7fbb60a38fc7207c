import AWSAPI
package import AccessControl
package import BrokerStore
import Credentials
package import FoundationEssentials
package import Logging
import PolicyFiles

/// From a verified principal's wish to credentials: decide, approve, assume, record. There is no other way to them.
///
/// Whatever fails on the way, no credentials leave: they are returned in one place, after their record is on disk.
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

    // Step 1 and 2: decide, and approve what needs no person. Request and decision are on disk before anything else.

    private func decide(
        _ wish: Wish, by principal: Principal, delivery: Grant.Delivery, knowing catalog: UsableCatalog
    ) async throws(IssuanceFailure) -> Decided {
        let received = now()
        let address = try routing.address(of: principal, by: wish.channel)
        let request = wish.request(by: principal, at: received)
        let (policy, isUnusable, teams) = catalog
        let facts = await evaluated(
            AccessFacts(
                policy: policy, teams: teams, chainsRoles: await chainsRoles(),
                zones: ZoneFiles.offsets(of: policy?.requirements?.zones ?? [])),
            on: request, channel: wish.channel)

        let decision = rules.decide(request, knowing: facts)
        let approved = Approved(request, decision: decision, facts: facts, delivery: delivery)
        // What is allowed at once and delivered at once is no case for people: there may be many of those.
        let approval =
            delivery == .immediate && decision.outcome == .allow
            ? nil : ApprovalCase(request, decision: decision, facts: facts, requesterAddress: address)
        try routing.check(approval?.rule)

        let waiting = try await record(
            DecidedRequest(
                request, decision: decision, policyVersion: policy?.version, grant: approved?.grant,
                approval: approval, notices: approval?.notices(actor: nil, comment: nil, at: received) ?? [],
                mostPending: Self.mostPending, yieldsToWaiting: delivery == .immediate))
        if let waiting { return Decided(requestID: waiting, approved: nil, approval: nil, shortened: nil) }
        if isUnusable, !decision.reasons.contains(.noTeamMayRequest(policy: wish.policyID)) {
            throw .policyUnusable(wish.policyID, request.id)
        }
        // It passes: for good would take from daemons what they hold.
        if facts.evaluation == .unanswered, IssuanceFailure.lacksApproversOnly(decision) {
            throw .evaluatorUnanswered(request.id)
        }
        if let refusal = IssuanceFailure(decision, of: request.id) { throw refusal }
        guard approved != nil || approval != nil else { throw .denied(decision.reasons, request.id) }
        return Decided(
            requestID: request.id, approved: approved, approval: approval, shortened: Shortened(decision))
    }

    private func evaluated(
        _ facts: AccessFacts, on request: AccessRequest, channel: RequesterChannel?
    ) async -> AccessFacts {
        guard let evaluator else { return facts }
        guard rules.leaveToEvaluator(request, knowing: facts), let policy = facts.policy,
            let team = facts.teams.first(where: { $0.policies.contains(policy.id) })
        else { return facts.with(.notAsked) }
        let length = facts.sessionLength(of: request, under: policy)
        return facts.with(
            await evaluator.evaluation(of: request.lasting(length), under: policy, team: team, channel: channel))
    }

    // Step 3 and 4: assume the role, and record that before anybody gets the credentials.

    /// - Parameters:
    ///   - source: where whoever gets the credentials asks from.
    ///   - wanted: the longest session that they want; `nil`: all that is left.
    func mint(
        under grant: Grant, policy: AccessPolicy, from source: RequestSource, atMost wanted: Duration? = nil
    ) async throws(IssuanceFailure) -> Minted {
        guard policy.version == grant.policyVersion else {
            return try await refuse(grant, from: source, because: .grantVoid(grant.requestID))
        }
        // Such a policy is stored if it was before the broker went over to web identities.
        guard policy.externalID == nil || roles.takesExternalID else {
            return try await refuse(
                grant, from: source, because: .policyUnusable(policy.id, grant.requestID),
                detail: "policy \"\(policy.id)\": \(policy.problemOfExternalID)")
        }
        let call = try await assumeRoleCall(under: grant, policy: policy, from: source, atMost: wanted)
        let minted = try await assume(call, under: grant, policy: policy, from: source)
        try await recordIssuance(of: minted.credentials, by: call, under: grant, from: source)
        return minted
    }

    private func assumeRoleCall(
        under grant: Grant, policy: AccessPolicy, from source: RequestSource, atMost wanted: Duration?
    ) async throws(IssuanceFailure) -> AssumeRoleInput {
        do {
            let user = sessionNaming.sessionName(of: grant.userName, issuer: grant.principal.issuer)
            let name = sessionNaming.sessionName(under: grant)
            let seconds = grant.sessionSeconds(at: now(), chaining: await chainsRoles(), atMost: wanted)
            let inlinePolicy = try policy.inlinePolicy(with: grant.tags, narrowedBy: grant.inlinePolicy)
            return try AssumeRoleInput(
                roleARN: policy.baseRole, roleSessionName: name, durationSeconds: seconds,
                tags: grant.tags.map { SessionTag(key: $0.key, value: $0.value) },
                transitiveTagKeys: policy.transitiveTags, policyARNs: policy.managedPolicies,
                policy: inlinePolicy, externalID: policy.externalID,
                sourceIdentity: policy.setsSourceIdentity ? user : nil)
        } catch {
            return try await refuse(grant, from: source, because: .limitBroken("\(error)", grant.requestID))
        }
    }

    private func assume(
        _ call: AssumeRoleInput, under grant: Grant, policy: AccessPolicy, from source: RequestSource
    ) async throws(IssuanceFailure) -> Minted {
        do {
            return try await session(by: call, under: grant, policy: policy)
        } catch {
            logger.error("role not assumed", metadata: ["request": "\(grant.requestID)", "error": "\(error)"])
            return try await refuse(grant, from: source, because: IssuanceFailure(error, of: grant.requestID))
        }
    }

    private func recordIssuance(
        of credentials: SessionCredentials, by call: AssumeRoleInput, under grant: Grant,
        from source: RequestSource
    ) async throws(IssuanceFailure) {
        let issuance = AuditedIssuance(
            under: grant, roleARN: call.roleARN.description, sessionName: call.roleSessionName,
            sourceIdentity: call.sourceIdentity ?? "", accessKeyID: credentials.accessKeyID,
            expiration: AWSTimestamp.text(credentials.expiration), source: source)
        do {
            try await records.record(issuance, at: now())
        } catch {
            logger.error(
                "issuance not recorded",
                metadata: [
                    "request": "\(grant.requestID)", "access_key_id": "\(credentials.accessKeyID)", "error": "\(error)",
                ])
            let key = credentials.accessKeyID
            return try await refuse(
                grant, from: source, because: IssuanceFailure(error, of: grant.requestID),
                detail: "credentials \(key) were minted and withheld", withholding: key)
        }
        metrics.issued("issued")
        logger.info(
            "credentials issued",
            metadata: [
                "request": "\(grant.requestID)", "session": "\(call.roleSessionName)",
                "role": "\(call.roleARN)", "access_key_id": "\(credentials.accessKeyID)",
            ])
    }
}
