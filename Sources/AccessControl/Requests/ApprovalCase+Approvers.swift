package import FoundationEssentials

/// Who decides on a request, and who is who among them. A person may have accounts at several identity providers: those
/// with one verified e-mail address are one person.
extension ApprovalCase {
    /// Whether `principal` is one of those who decide on it, whatever its state.
    ///
    /// - Parameter policy: as it is now; without it, conditions on it don't hold.
    package func isDecided(by principal: Principal, under policy: AccessPolicy?, at now: Date) -> Bool {
        guard let rule, rule.allowsOwnRequests || !isRequester(principal) else { return false }
        return isApprover(principal, under: policy, at: now)
    }

    /// Whether `principal` may end the access that it gives: one of the ``AccessEnders``, or one of the approvers, also
    /// if it is their own.
    ///
    /// - Parameter administrators: the teams whose members may end any access.
    package func mayBeRevoked(
        by principal: Principal, under policy: AccessPolicy?, administrators: Set<String>, at now: Date
    ) -> Bool {
        let enders = AccessEnders(
            of: content.requester, allowedAtOnceUnder: rule == nil ? policy : nil, administrators: administrators)
        return enders.include(principal) || isApprover(principal, under: policy, at: now)
    }

    /// What that person has said to it last; `nil` if nothing.
    package func lastVote(of principal: Principal) -> Vote? {
        votes.last { $0.voter == principal.id || isOneAddress($0.email, principal.email) }
    }

    private func isRequester(_ principal: Principal) -> Bool {
        principal.id == content.requester || isOneAddress(requesterEmail, principal.email)
    }

    private func isApprover(_ principal: Principal, under policy: AccessPolicy?, at now: Date) -> Bool {
        guard let rule, rule.teams.contains(where: principal.teams.contains) else { return false }
        guard let condition = rule.condition else { return true }
        let context = ConditionContext(approver: principal, of: self, under: policy, at: now)
        return condition.verdict(in: context).permits
    }
}

/// Whether both are known, and equal but for the case of A to Z.
private func isOneAddress(_ one: String?, _ other: String?) -> Bool {
    guard let one, let other, !one.isEmpty else { return false }
    return asciiLowercased(one) == asciiLowercased(other)
}
