package import FoundationEssentials

/// A principal asks for a policy for a duration, with a reason.
package struct AccessRequest: Sendable, Equatable {
    package let id: RequestID
    package let principal: Principal
    /// As the principal wrote it; there may be no such policy.
    package let policyID: String
    /// `nil`: the longest that the policy allows.
    package let duration: Duration?
    /// In the words of the person who asks; `nil` when none were given.
    package let reason: String?
    package let receivedAt: Date

    package init(
        id: RequestID, principal: Principal, policyID: String, duration: Duration?, reason: String?, receivedAt: Date
    ) {
        self.id = id
        self.principal = principal
        self.policyID = policyID
        self.duration = duration
        self.reason = reason
        self.receivedAt = receivedAt
    }
}
