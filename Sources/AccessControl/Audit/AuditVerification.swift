/// Reads records and checkpoints one by one and says whether each follows from those before it.
///
/// What begins later than with record 1 is anchored, or begins with a record that can't be checked: its hash is what the next one is
/// chained to, and nothing says that it is the hash of what the record has.
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

    /// The first record that was checked; `nil` if none was.
    package private(set) var first: Int64?
    /// The last record that was checked and fits; `nil` if none was.
    package var last: Mark? { first == nil ? nil : previous }
    /// The record that the first one was checked with, where that isn't record 1: the anchor, taken as it stands.
    package private(set) var anchor: Mark?
    /// The record that it begins with, where that is neither record 1 nor anchored, and so can't be checked.
    package private(set) var unchecked: Mark?
    /// The last checkpoint of a record that was checked, and how many there were.
    package private(set) var checkpoint: AuditCheckpoint?
    package private(set) var checkpoints = 0

    private let keys: [AuditPublicKey]
    private let expected: Mark?
    /// What the next record must follow.
    private var previous: Mark?

    /// - Parameters:
    ///   - keys: whose signatures count; without any, signatures aren't looked at.
    ///   - expected: a record that is known from elsewhere, which must be there, or be the anchor.
    package init(trusting keys: [AuditPublicKey] = [], expecting expected: Mark? = nil) {
        self.keys = keys
        self.expected = expected
    }

    /// Why `anchor` can't stand where it does; `nil` if it can: first of all, or behind the very record, where one export was put behind
    /// another.
    package mutating func problem(with anchor: AuditAnchor) -> String? {
        let mark = Mark(sequence: anchor.sequence, hash: anchor.hash)
        if let previous {
            return mark == previous
                ? nil : "after record \(previous.sequence) comes an anchor that is not that record's"
        }
        // With one before record 1, that record could be chained to anything.
        let hasHash = anchor.hash.utf8.count == 64 && anchor.hash.utf8.allSatisfy("0123456789abcdef".utf8.contains)
        guard anchor.sequence >= 1, hasHash else { return "the anchor is of no record" }
        if let problem = otherThanExpected(mark) { return problem }
        self.anchor = mark
        previous = mark
        return nil
    }

    /// Why `line` does not follow; `nil` if it does, or is ``unchecked``.
    package mutating func problem(with line: AuditLine) -> String? {
        guard line.sequence >= 1 else { return "record \(line.sequence) is none: the first is record 1" }
        let mark = Mark(sequence: line.sequence, hash: line.hash)
        if previous == nil, line.sequence > 1 {
            if let problem = otherThanExpected(mark) { return problem }
            unchecked = mark
            previous = mark
            return nil
        }
        if let previous, line.sequence - 1 != previous.sequence {
            return "record \(line.sequence) comes after record \(previous.sequence)"
        }
        guard AuditChain.hash(of: line, after: previous?.hash ?? AuditChain.start) == line.hash else {
            return "record \(line.sequence) does not follow from those before it"
        }
        if let problem = otherThanExpected(mark) { return problem }
        first = first ?? line.sequence
        previous = mark
        return nil
    }

    private func otherThanExpected(_ mark: Mark) -> String? {
        guard let expected, expected.sequence == mark.sequence, expected.hash != mark.hash else { return nil }
        return "record \(mark.sequence) is not the one that was expected: its hash is another"
    }

    /// Why `checkpoint` does not fit where it stands; `nil` if it does. One of the anchor, or of a record that can't be checked, must
    /// fit, too, and doesn't count: it covers nothing that was checked.
    package mutating func problem(with checkpoint: AuditCheckpoint) -> String? {
        let name = "checkpoint \(checkpoint.sequence)"
        guard let previous, previous.sequence == checkpoint.sequence else {
            return "\(name) comes after \(previous.map { "record \($0.sequence)" } ?? "no record")"
        }
        guard previous.hash == checkpoint.hash else { return "\(name) is not of record \(previous.sequence)" }
        if !keys.isEmpty {
            guard let key = keys.first(where: { $0.id == checkpoint.keyID }) else {
                return "\(name) names the key \(excerpt(of: checkpoint.keyID)), which is not trusted"
            }
            guard checkpoint.isSigned(by: key) else { return "\(name) has no good signature" }
        }
        guard first != nil else { return nil }
        self.checkpoint = checkpoint
        checkpoints += 1
        return nil
    }

    /// Why it can't have been all that was to be there; `nil` if nothing says so.
    package var problemAtEnd: String? {
        if !keys.isEmpty, checkpoints == 0 {
            let isWhole = anchor == nil && unchecked == nil
            return "there is no checkpoint\(isWhole ? "" : " of what can be checked"), so nothing in it is signed"
        }
        guard let expected else { return nil }
        guard let previous, previous.sequence >= expected.sequence else {
            return "it ends at record \(previous?.sequence ?? 0), before the expected record \(expected.sequence)"
        }
        if let anchor, anchor.sequence > expected.sequence {
            return "it begins after record \(anchor.sequence), and has not the expected record \(expected.sequence)"
        }
        if unchecked?.sequence == expected.sequence {
            return "it begins with the expected record \(expected.sequence), which can't be checked"
        }
        let begin = unchecked?.sequence ?? 1
        return begin > expected.sequence
            ? "it begins at record \(begin), after the expected record \(expected.sequence)" : nil
    }
}
