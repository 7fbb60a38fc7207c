/// Reads records and checkpoints one by one and says whether each follows from those before it.
package struct AuditVerification: Sendable {
    /// A record by its number and its hash.
    package struct Mark: Sendable, Equatable {
        package let sequence: Int64
        package let hash: String

        package init(sequence: Int64, hash: String) {
            self.sequence = sequence
            self.hash = hash
        }
    }

    /// The last record that was read and fits.
    package private(set) var last: Mark?
    package private(set) var first: Int64?
    /// The last checkpoint that was read and fits, and how many there were.
    package private(set) var checkpoint: AuditCheckpoint?
    package private(set) var checkpoints = 0

    private let keys: [AuditPublicKey]
    private let expected: Mark?

    /// - Parameters:
    ///   - keys: whose signatures count; without any, signatures aren't looked at.
    ///   - expected: a record that is known from elsewhere, which must be there.
    package init(trusting keys: [AuditPublicKey] = [], expecting expected: Mark? = nil) {
        self.keys = keys
        self.expected = expected
    }

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
        if let expected, expected.sequence == line.sequence, expected.hash != line.hash {
            return "record \(line.sequence) is not the one that was expected: its hash is another"
        }
        first = first ?? line.sequence
        last = Mark(sequence: line.sequence, hash: line.hash)
        return nil
    }

    /// Why `checkpoint` does not fit where it stands; `nil` if it does.
    package mutating func problem(with checkpoint: AuditCheckpoint) -> String? {
        let name = "checkpoint \(checkpoint.sequence)"
        guard let last, last.sequence == checkpoint.sequence else {
            return "\(name) comes after \(last.map { "record \($0.sequence)" } ?? "no record")"
        }
        guard last.hash == checkpoint.hash else { return "\(name) is not of record \(last.sequence)" }
        if !keys.isEmpty {
            guard let key = keys.first(where: { $0.id == checkpoint.keyID }) else {
                return "\(name) names the key \(excerpt(of: checkpoint.keyID)), which is not trusted"
            }
            guard checkpoint.isSigned(by: key) else { return "\(name) has no good signature" }
        }
        self.checkpoint = checkpoint
        checkpoints += 1
        return nil
    }

    /// Why it can't have been all; `nil` if nothing says so.
    package var problemAtEnd: String? {
        if !keys.isEmpty, checkpoints == 0 { return "there is no checkpoint, so nothing in it is signed" }
        guard let expected else { return nil }
        guard let first, let last, last.sequence >= expected.sequence else {
            return "it ends at record \(last?.sequence ?? 0), before the expected record \(expected.sequence)"
        }
        return first > expected.sequence
            ? "it begins at record \(first), after the expected record \(expected.sequence)" : nil
    }
}
