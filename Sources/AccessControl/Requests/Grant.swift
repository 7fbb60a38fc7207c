package import FoundationEssentials

/// An approved request during its window. Credentials are minted under a grant, and under nothing else.
///
/// It holds what was decided on: if the policy's content is another one when credentials are minted, the grant is void.
package struct Grant: Sendable, Equatable {
    /// How the credentials reach the principal.
    package enum Delivery: String, Sendable {
        /// In the answer to the request itself.
        case immediate
        /// At a later call that asks for the newest grant.
        case pickUp = "pick_up"
    }

    /// The id of the request that was approved; a request has at most one grant.
    package let requestID: RequestID
    package let principal: PrincipalID
    package let userName: String
    package let policyID: String
    package let policyVersion: PolicyVersion
    package let tags: [PolicyTag]
    /// The request's own; see ``AccessRequest/inlinePolicy``.
    package let inlinePolicy: String?
    package let delivery: Delivery
    package let notBefore: Date
    /// The first instant at which nothing is minted any more.
    package let notAfter: Date
    /// Whether somebody has ended it.
    package let isRevoked: Bool

    package init(
        requestID: RequestID, principal: PrincipalID, userName: String, policyID: String, policyVersion: PolicyVersion,
        tags: [PolicyTag], inlinePolicy: String? = nil, delivery: Delivery, notBefore: Date, notAfter: Date,
        isRevoked: Bool = false
    ) {
        self.requestID = requestID
        self.principal = principal
        self.userName = userName
        self.policyID = policyID
        self.policyVersion = policyVersion
        self.tags = tags
        self.inlinePolicy = inlinePolicy
        self.delivery = delivery
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.isRevoked = isRevoked
    }

    package func isActive(at instant: Date) -> Bool {
        !isRevoked && notBefore <= instant && instant < notAfter
    }
}
