package import FoundationEssentials

/// A principal asks for a policy for a duration, with a reason.
package struct AccessRequest: Sendable, Equatable {
    package let id: RequestID
    package let principal: Principal
    /// As the principal wrote it; there may be no such policy.
    package let policyID: String
    /// `nil`: the longest that the policy allows.
    package let duration: Duration?
    /// Whether less than ``duration`` will do.
    package let allowsShorter: Bool
    /// In the words of the person who asks; `nil` when none were given.
    package let reason: String?
    /// What of the company's work it is for, as the person named it; nobody has looked it up.
    package let ticket: String?
    /// What narrows the session beside the policy's own session policies, in ``RequestedInlinePolicy``'s form; `nil` for nothing.
    package let inlinePolicy: String?
    package let receivedAt: Date
    /// When the access shall begin; `nil` for as soon as it is granted.
    package let startsAt: Date?

    package init(
        id: RequestID, principal: Principal, policyID: String, duration: Duration?, allowsShorter: Bool = false,
        reason: String?, ticket: String? = nil, inlinePolicy: String? = nil, receivedAt: Date,
        startsAt: Date? = nil
    ) {
        self.id = id
        self.principal = principal
        self.policyID = policyID
        self.duration = duration
        self.allowsShorter = allowsShorter
        self.reason = reason
        self.ticket = ticket
        self.inlinePolicy = inlinePolicy
        self.receivedAt = receivedAt
        self.startsAt = startsAt
    }

    /// When the access begins, if it is granted at once.
    package var begin: Date { max(receivedAt, startsAt ?? receivedAt) }

    /// The same for exactly that long.
    package func lasting(_ duration: Duration) -> AccessRequest {
        AccessRequest(
            id: id, principal: principal, policyID: policyID, duration: duration, reason: reason, ticket: ticket,
            inlinePolicy: inlinePolicy, receivedAt: receivedAt, startsAt: startsAt)
    }
}
