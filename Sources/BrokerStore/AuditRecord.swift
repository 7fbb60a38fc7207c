package import AccessControl
package import FoundationEssentials

/// An audit event in its place in the trail.
package struct AuditRecord: Sendable, Equatable {
    /// 1, 2, 3, … without gaps.
    package let sequence: Int64
    /// In milliseconds.
    package let at: Date
    package let event: AuditEvent
    /// SHA-256 over the previous record's hash and this record, in hex.
    package let hash: String
}
