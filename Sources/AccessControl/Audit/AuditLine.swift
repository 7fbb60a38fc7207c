import Crypto
import FoundationEssentials

/// A record of the audit trail as it is exported, one JSON object a line: with exactly what it was hashed from.
package struct AuditLine: Codable, Sendable, Equatable {
    /// 1, 2, 3, … without gaps.
    package var sequence: Int64
    /// Milliseconds since 1970.
    package var milliseconds: Int64
    package var kind: String
    package var requestID: String?
    /// A JSON object, as the text that was written.
    package var details: String
    /// SHA-256 over the previous record's hash and this record, in hex.
    package var hash: String

    package init(
        sequence: Int64, milliseconds: Int64, kind: String, requestID: String?, details: String, hash: String
    ) {
        self.sequence = sequence
        self.milliseconds = milliseconds
        self.kind = kind
        self.requestID = requestID
        self.details = details
        self.hash = hash
    }

    enum CodingKeys: String, CodingKey {
        case sequence, kind, details, hash
        case milliseconds = "at_ms"
        case requestID = "request_id"
    }
}

/// `GET /v1/audit`: what follows a sequence number.
package struct AuditPage: Codable, Sendable, Equatable {
    package var records: [AuditLine]
    /// Those of the records; `nil` from a broker that has none.
    package var checkpoints: [AuditCheckpoint]?

    package init(records: [AuditLine], checkpoints: [AuditCheckpoint]? = nil) {
        self.records = records
        self.checkpoints = checkpoints
    }
}

/// `GET /v1/audit/sessions`: what led to a session, oldest first.
package struct AuditExcerpt: Codable, Sendable, Equatable {
    /// How many issuances it has at most, and how many refusals beside those that have the session's name themselves.
    package static let most = 100

    package var records: [AuditLine]
    /// The kinds, issuances or refusals, of which there are more under the same requests, or of the same name; `nil` if that is all.
    package var leftOut: [String]?

    package init(records: [AuditLine], leftOut: [String]? = nil) {
        self.records = records
        self.leftOut = leftOut
    }

    enum CodingKeys: String, CodingKey {
        case records
        case leftOut = "left_out"
    }
}

/// What the first record of an export is chained to, where that isn't the first of all: a line of its own kind before it.
///
/// Nothing in it is signed. A record that follows is hashed with it, so whatever vouches for that record vouches for this hash.
package struct AuditAnchor: Codable, Sendable, Equatable {
    private enum Kind: String, Codable { case anchor }

    /// Tells it from records, which have one of their own.
    private let kind: Kind
    /// Of the last record that isn't in the export.
    package let sequence: Int64
    /// That record's.
    package let hash: String

    /// - Parameter record: the one before those that follow.
    package init(_ record: AuditLine) {
        kind = .anchor
        sequence = record.sequence
        hash = record.hash
    }
}

/// How one record is chained to the one before it, so that a record changed or removed behind the broker's back shows.
package enum AuditChain {
    /// What the first record is chained to.
    package static let start = String(repeating: "0", count: 64)

    /// Every field is preceded by its length, so that no two different records are hashed from the same bytes.
    package static func hash(of line: AuditLine, after previous: String) -> String {
        let fields = [
            previous, String(line.sequence), String(line.milliseconds), line.kind, line.requestID ?? "", line.details,
        ]
        var hash = SHA256()
        for field in fields { hash.update(data: Data("\(field.utf8.count):\(field)".utf8)) }
        return hexadecimal(hash.finalize())
    }
}
