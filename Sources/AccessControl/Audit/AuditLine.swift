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

    package init(records: [AuditLine]) {
        self.records = records
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

/// Reads records one by one and says whether each follows from those before it.
package struct AuditVerification: Sendable, Equatable {
    /// The last record that was read and fits.
    package private(set) var last: (sequence: Int64, hash: String)?
    package private(set) var first: Int64?

    package init() {}

    /// Why `line` does not follow; `nil` if it does. What an export begins with, unless it is the first record of all, can
    /// only be taken as it is.
    package mutating func problem(with line: AuditLine) -> String? {
        if let last, line.sequence != last.sequence + 1 {
            return "record \(line.sequence) comes after record \(last.sequence)"
        }
        if last != nil || line.sequence == 1 {
            guard AuditChain.hash(of: line, after: last?.hash ?? AuditChain.start) == line.hash else {
                return "record \(line.sequence) does not follow from those before it"
            }
        }
        first = first ?? line.sequence
        last = (line.sequence, line.hash)
        return nil
    }

    package static func == (one: AuditVerification, other: AuditVerification) -> Bool {
        one.first == other.first && one.last?.sequence == other.last?.sequence && one.last?.hash == other.last?.hash
    }
}
