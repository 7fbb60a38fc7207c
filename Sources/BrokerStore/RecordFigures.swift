package import FoundationEssentials

/// How the records are, for whoever watches the broker.
package protocol WatchedRecords: Sendable {
    /// Fails unless something can be written, and is on disk afterwards.
    func checkWritable(at instant: Date) async throws(StoreError)

    /// Fails unless policies and teams can be read.
    func checkCatalog() async throws(StoreError)

    func figures() async throws(StoreError) -> RecordFigures
}

/// How much there is of what.
package struct RecordFigures: Sendable, Equatable {
    /// Records in the audit trail.
    package let auditRecords: Int64
    /// Notices that wait, by the name of their target.
    package let outbox: [String: Int]

    package init(auditRecords: Int64, outbox: [String: Int]) {
        self.auditRecords = auditRecords
        self.outbox = outbox
    }
}
