package import AccessControl
import Crypto
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

/// How one record is chained to the one before it, so that a record changed or removed behind the store's back shows.
enum AuditChain {
    /// What the first record is chained to.
    static let start = String(repeating: "0", count: 64)

    /// Every field is preceded by its length, so that no two different records are hashed from the same bytes.
    static func hash(
        previous: String, sequence: Int64, milliseconds: Int64, kind: String, requestID: String?, details: String
    ) -> String {
        var hash = SHA256()
        for field in [previous, String(sequence), String(milliseconds), kind, requestID ?? "", details] {
            hash.update(data: Data("\(field.utf8.count):\(field)".utf8))
        }
        return hexadecimal(hash.finalize())
    }
}
