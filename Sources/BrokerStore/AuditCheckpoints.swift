package import AccessControl

/// The signed checkpoints of the audit trail. They only grow, like the trail itself.
package protocol AuditCheckpoints: Sendable {
    /// The last record; `nil` while there is none.
    func auditHead() async throws(StoreError) -> AuditVerification.Mark?

    /// The last checkpoint; `nil` while there is none.
    func lastCheckpoint() async throws(StoreError) -> AuditCheckpoint?

    /// At most `limit` of those after the given sequence number and not after the other, oldest first.
    func checkpoints(
        after sequence: Int64, through last: Int64, limit: Int
    ) async throws(StoreError) -> [AuditCheckpoint]

    /// Adds one. Conditions: it comes after those before it, and the trail has that record.
    func add(_ checkpoint: AuditCheckpoint) async throws(StoreError)

    /// The number of the first record that doesn't follow from those before it, or isn't there; `nil` if the chain holds.
    /// - Parameter checkpoint: what comes before is taken for good; `nil` reads all.
    func firstBrokenAuditRecord(after checkpoint: AuditCheckpoint?) async throws(StoreError) -> Int64?
}
