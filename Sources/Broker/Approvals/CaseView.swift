import AccessControl
import FoundationEssentials

/// What somebody who may know of a request sees of it beside what was asked for.
struct CaseView: Sendable {
    /// As it was when it was asked for; `nil` if it has changed since, is gone or can't be used.
    let policy: AccessPolicy?
    /// Whether they are one of those who decide on it, whatever its state.
    let isDecided: Bool
    /// For those only, as long as the policy is the same.
    let session: ApprovedSession?

    /// - Parameter policy: as it is now.
    init(of approval: ApprovalCase, by reader: Principal, under policy: AccessPolicy?, at now: Date) {
        let unchanged = approval.unchanged(policy)
        self.policy = unchanged
        isDecided = approval.isDecided(by: reader, under: policy, at: now)
        session = isDecided ? unchanged.map { ApprovedSession($0, with: approval.content.tags) } : nil
    }
}

extension ApprovalCase {
    /// `policy`, if it is still what it was when this was asked for.
    func unchanged(_ policy: AccessPolicy?) -> AccessPolicy? {
        policy?.version.description == content.policyVersion ? policy : nil
    }
}
