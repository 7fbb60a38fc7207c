import AccessControl
import FoundationEssentials
import Testing

/// Exports that don't begin with record 1.
@Suite struct AuditAnchorTests {
    /// What an export consists of.
    private enum Item {
        case anchor(AuditAnchor)
        case record(AuditLine)
        case checkpoint(AuditCheckpoint)
    }

    private let key = AuditSigningKey()
    private let trail: [AuditLine]

    init() {
        let bare = (Int64(1)...10).map { sequence in
            AuditLine(
                sequence: sequence, milliseconds: sequence, kind: "request", requestID: nil,
                details: #"{"a":"\#(sequence)"}"#, hash: "")
        }
        trail = Self.chained(bare, after: AuditChain.start)
    }

    /// The same records with the hashes that they have in that place.
    private static func chained(_ lines: [AuditLine], after hash: String) -> [AuditLine] {
        var previous = hash
        return lines.map { line in
            var line = line
            line.hash = AuditChain.hash(of: line, after: previous)
            previous = line.hash
            return line
        }
    }

    private func records(_ range: ClosedRange<Int>) -> [Item] { range.map { .record(trail[$0 - 1]) } }

    /// Changed, with the hash that it had before.
    private func falsified(_ number: Int) -> AuditLine {
        var line = trail[number - 1]
        line.details = #"{"a":"x"}"#
        return line
    }

    private func anchor(_ number: Int) -> Item { .anchor(AuditAnchor(trail[number - 1])) }

    private func madeUpAnchor(_ sequence: Int64, _ hash: String) -> AuditAnchor {
        AuditAnchor(
            AuditLine(
                sequence: sequence, milliseconds: 0, kind: "request", requestID: nil, details: "", hash: hash))
    }

    private func mark(_ number: Int) -> AuditVerification.Mark {
        AuditVerification.Mark(sequence: Int64(number), hash: trail[number - 1].hash)
    }

    private func checkpoint(_ number: Int, hash: String? = nil) throws -> Item {
        let hash = hash ?? trail[number - 1].hash
        return .checkpoint(try key.checkpoint(sequence: Int64(number), hash: hash, milliseconds: 1))
    }

    /// What was read of these parts, one behind the other, and the first problem.
    private func read(
        _ parts: [Item]..., isSigned: Bool = false, expecting expected: AuditVerification.Mark? = nil
    ) -> (verification: AuditVerification, problem: String?) {
        var verification = AuditVerification(trusting: isSigned ? [key.publicKey] : [], expecting: expected)
        for item in parts.joined() {
            let problem =
                switch item {
                case .anchor(let anchor): verification.problem(with: anchor)
                case .record(let line): verification.problem(with: line)
                case .checkpoint(let checkpoint): verification.problem(with: checkpoint)
                }
            if let problem { return (verification, problem) }
        }
        return (verification, verification.problemAtEnd)
    }

    @Test func `with an anchor, the first record is checked as any other`() {
        let whole = read([anchor(4)], records(5...10))
        #expect(whole.problem == nil)
        #expect(whole.verification.first == 5 && whole.verification.last == mark(10))
        #expect(whole.verification.anchor == mark(4) && whole.verification.unchecked == nil)
        let changed = read([anchor(4), .record(falsified(5))], records(6...10))
        #expect(changed.problem == "record 5 does not follow from those before it")
        #expect(read([anchor(3)], records(5...10)).problem == "record 5 comes after record 3")
    }

    @Test func `without one, the first record is not among those that were checked, and vouches for nothing`() throws {
        for first in [trail[4], falsified(5)] {
            let alone = read([.record(first)])
            #expect(alone.problem == nil && alone.verification.first == nil && alone.verification.last == nil)
            let whole = read([.record(first)], records(6...10))
            #expect(whole.problem == nil)
            #expect(whole.verification.first == 6 && whole.verification.last == mark(10))
            #expect(whole.verification.unchecked == mark(5) && whole.verification.anchor == nil)

            let unproven = "it begins with the expected record 5, which can't be checked"
            #expect(read([.record(first)], records(6...10), expecting: mark(5)).problem == unproven)
            #expect(read([.record(first)], records(6...10), expecting: mark(6)).problem == nil)
            let signed = try read([.record(first), checkpoint(5)], records(6...10), isSigned: true)
            #expect(signed.problem == "there is no checkpoint of what can be checked, so nothing in it is signed")
        }
    }

    /// Whoever begins the chain anew must go on with that to the end, and hasn't the key.
    @Test func `an anchor that was made up with what follows it doesn't fit what comes after`() throws {
        let forged = madeUpAnchor(4, String(repeating: "f", count: 64))
        let bare = (5...10).map { $0 == 5 ? falsified($0) : trail[$0 - 1] }
        let chain = Self.chained(bare, after: forged.hash).map { Item.record($0) }
        #expect(read([.anchor(forged)], chain).problem == nil)
        let spliced = read([.anchor(forged), chain[0]], records(6...10))
        #expect(spliced.problem == "record 6 does not follow from those before it")

        let other = "is not the one that was expected: its hash is another"
        for known in [4, 5, 9] {
            let problem = read([.anchor(forged)], chain, expecting: mark(known)).problem
            #expect(problem == "record \(known) \(other)")
        }
        let eight = try checkpoint(8)
        #expect(read([anchor(4)], records(5...8), [eight], records(9...10), isSigned: true).problem == nil)
        let bad = read([.anchor(forged)], Array(chain.prefix(4)), [eight], isSigned: true)
        #expect(bad.problem == "checkpoint 8 is not of record 8")
    }

    @Test func `a checkpoint of the anchor signs nothing that follows, and must fit all the same`() throws {
        let unsigned = "there is no checkpoint of what can be checked, so nothing in it is signed"
        let good = try checkpoint(4)
        #expect(read([anchor(4), good], records(5...10), isSigned: true).problem == unsigned)
        #expect(read([anchor(4), good], records(5...10)).verification.checkpoints == 0)
        let bad = try read([anchor(4), checkpoint(4, hash: trail[4].hash)], records(5...10), isSigned: true)
        #expect(bad.problem == "checkpoint 4 is not of record 4")
    }

    @Test func `what was known before is the anchor or follows it`() {
        for known in [4, 5, 10] {
            #expect(read([anchor(4)], records(5...10), expecting: mark(known)).problem == nil, "\(known)")
        }
        let missing = read([anchor(4)], records(5...10), expecting: mark(3))
        #expect(missing.problem == "it begins after record 4, and has not the expected record 3")
        let cut = read([anchor(4)], records(5...8), expecting: mark(9))
        #expect(cut.problem == "it ends at record 8, before the expected record 9")
    }

    @Test func `one export put behind another is one, if it goes on where that one ends`() {
        let whole = read(records(1...4), [anchor(4)], records(5...10))
        #expect(whole.problem == nil && whole.verification.anchor == nil)
        #expect(whole.verification.first == 1 && whole.verification.last == mark(10))
        for foreign in [madeUpAnchor(4, trail[2].hash), madeUpAnchor(5, trail[3].hash)] {
            let problem = read(records(1...4), [.anchor(foreign)], records(5...10)).problem
            #expect(problem == "after record 4 comes an anchor that is not that record's")
        }
    }

    @Test func `nothing comes before record 1, and no number is too great or too small to be read`() {
        for sequence in [0, -1, Int64.min] {
            let anchored = read([.anchor(madeUpAnchor(sequence, trail[0].hash))], records(1...2))
            #expect(anchored.problem == "the anchor is of no record")
            var before = trail[0]
            before.sequence = sequence
            let problem = read([.record(before)], records(1...2)).problem
            #expect(problem == "record \(sequence) is none: the first is record 1")
        }
        for hash in ["", "f", "\u{1B}[2J", String(repeating: "F", count: 64)] {
            #expect(read([.anchor(madeUpAnchor(4, hash))]).problem == "the anchor is of no record")
        }
        var last = trail[9]
        last.sequence = .max
        let problem = read([.record(last), .record(last)]).problem
        #expect(problem == "record \(Int64.max) comes after record \(Int64.max)")
    }

    @Test func `an anchor is told from records by its kind`() throws {
        let text = #"{"kind":"anchor","sequence":4,"hash":"h"}"#
        #expect(try JSONDecoder().decode(AuditAnchor.self, from: Data(text.utf8)) == madeUpAnchor(4, "h"))
        #expect((try? JSONDecoder().decode(AuditLine.self, from: Data(text.utf8))) == nil)
        let record = Data(text.replacing("anchor", with: "request").utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(AuditAnchor.self, from: record) }
    }
}
