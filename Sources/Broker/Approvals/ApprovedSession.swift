import AccessControl
import Credentials

/// What AWS is asked for under a request, beside its tags and its duration. Whoever decides on it agrees to this, too;
/// nobody else is shown it, as role ARNs and IAM policies stay with the broker.
struct ApprovedSession: Sendable, Equatable {
    /// An ARN.
    let baseRole: String
    /// ARNs.
    let managedPolicies: [String]
    /// The policy's own, as JSON text, with the request's tags in their places; `nil` if it has none.
    let inlinePolicy: String?
    /// Their keys.
    let transitiveTags: [String]
    /// What it is stays with the broker.
    let sendsExternalID: Bool
    let sendsSourceIdentity: Bool

    init(_ policy: AccessPolicy, with tags: [PolicyTag]) {
        baseRole = policy.baseRole.description
        managedPolicies = policy.managedPolicies
        // Tags that don't fit are refused when credentials are minted; until then it is shown as the policy has it.
        inlinePolicy = (try? policy.inlinePolicy(with: tags)) ?? policy.inlinePolicy
        transitiveTags = policy.transitiveTags
        sendsExternalID = policy.externalID != nil
        sendsSourceIdentity = policy.setsSourceIdentity
    }
}
