import AccessControl
import BrokerStore

/// A part of a list of requests.
struct CasePage: Sendable {
    var cases: [ApprovalCase]
    /// Those that the principal is one of those to decide on.
    var decidable: Set<RequestID>
    /// Where the list goes on; `nil` at its end.
    var next: CaseCursor?
    /// What was read of policies for it.
    var policies = KnownPolicies()
}
