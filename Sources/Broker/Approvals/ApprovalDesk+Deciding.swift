import AccessControl
import BrokerStore
import PolicyFiles

extension ApprovalDesk {
    /// Approves or denies exactly what `hash` stands for.
    func decide(
        _ choice: ApprovalCase.Vote.Choice, on id: RequestID, by principal: Principal, comment: String?,
        having hash: String
    ) async throws(ApprovalFailure) -> ApprovalCase {
        try await change(id, for: principal) { approval, instant async throws(ApprovalFailure) in
            let before = approval.state(at: instant)
            let policy = try await policy(of: approval)
            // An approval of what the policy no longer says would be void at once.
            guard choice == .deny || policy?.version.description == approval.content.policyVersion else {
                throw .policyChanged
            }
            do throws(RefusedChange) {
                try approval.vote(choice, by: principal, under: policy, comment: comment, having: hash, at: instant)
            } catch {
                throw .refused(error)
            }
            try checkBegin(of: approval, under: policy)
            var events: [AuditEvent] =
                approval.votes.last.map { [.vote(AuditedVote($0, on: approval, source: principal.source))] } ?? []
            if approval.stored != .pending {
                events.append(stateChange(approval, from: before, by: principal, comment, at: instant))
            }
            return CaseChange(
                approval, events: events, grant: approval.stored == .approved ? approval.grant : nil,
                notices: approval.notices(actor: principal, comment: comment, at: instant))
        }
    }

    /// With the last approval the access begins, which must be within the hours that the policy allows.
    private func checkBegin(of approval: ApprovalCase, under policy: AccessPolicy?) throws(ApprovalFailure) {
        guard approval.stored == .approved, let policy, let begin = approval.window?.notBefore else { return }
        let zones = ZoneFiles.offsets(of: policy.requirements?.zones ?? [])
        if case .forbids(let why) = WithinAllowedTimes.verdict(onBeginAt: begin, under: policy, zones: zones) {
            throw .requirementUnmet(why)
        }
    }
}

extension ApprovalCase {
    /// What the last approval gives; `nil` before it.
    fileprivate var grant: Grant? {
        window.map { window in
            Grant(
                requestID: requestID, principal: content.requester, userName: userName, policyID: content.policyID,
                policyVersion: PolicyVersion(stored: content.policyVersion), tags: content.tags,
                inlinePolicy: content.inlinePolicy, delivery: .pickUp, notBefore: window.notBefore,
                notAfter: window.notAfter)
        }
    }
}
