package import AccessControl
package import FoundationEssentials

/// What the broker remembers: policies, teams, requests, grants and the audit trail.
///
/// Every change is one atomic, conditional write together with its audit events, as both SQLite and DynamoDB can do
/// it; there is no "read, then write what follows from it". What throws has changed nothing.
package protocol BrokerRecords: Sendable {
    /// Replaces all policies and teams. What is unchanged keeps its version; each change becomes an audit event.
    func replaceCatalog(with catalog: PolicyCatalog, at instant: Date) async throws(StoreError) -> [AuditedPolicyChange]

    /// The policy with this id in its current version; `nil` if there is none.
    func policy(_ id: String) async throws(StoreError) -> AccessPolicy?

    /// Those of the named teams that exist.
    func teams(_ ids: [String]) async throws(StoreError) -> [Team]

    /// Adds a decided request, the grant that an `allow` gives, and both audit events.
    ///
    /// Conditions: the id is new, and the policy still has the version that was decided on.
    func add(_ decided: DecidedRequest, at instant: Date) async throws(StoreError)

    /// The newest grant for pick-up whose window contains the instant.
    func newestGrant(of principal: PrincipalID, at instant: Date) async throws(StoreError) -> Grant?

    /// Records that credentials are about to leave.
    ///
    /// Conditions: the grant exists and is active, and its policy still has the version that was granted.
    func record(_ issuance: AuditedIssuance, at instant: Date) async throws(StoreError)

    /// Appends an event that changes nothing else.
    func append(_ event: AuditEvent, at instant: Date) async throws(StoreError)

    /// At most `limit` records after the given sequence number, oldest first.
    func auditTrail(after sequence: Int64, limit: Int) async throws(StoreError) -> [AuditRecord]
}

/// A request with what was decided on it; they are stored together or not at all.
package struct DecidedRequest: Sendable {
    package let request: AccessRequest
    package let decision: Decision
    /// The policy's version that was decided on; `nil` if there is no such policy.
    package let policyVersion: PolicyVersion?
    /// Present exactly when the decision is `allow`.
    package let grant: Grant?

    package init(_ request: AccessRequest, decision: Decision, policyVersion: PolicyVersion?, grant: Grant?) {
        self.request = request
        self.decision = decision
        self.policyVersion = policyVersion
        self.grant = grant
    }
}
