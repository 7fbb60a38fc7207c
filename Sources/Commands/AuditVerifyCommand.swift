import AccessControl
import ArgumentParser
import FoundationEssentials
import Glibc

struct AuditVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify that each record of an export follows from those before it, and what is signed of it.",
        discussion: """
            Needs no broker. With --key, which stsbroker audit key prints, checkpoints must be signed by it. Only what was noted elsewhere \
            before shows that the end was cut off: give it with --expect. What begins later than with record 1 and has no anchor, as \
            stsbroker audit export --after writes one, begins with a record that can't be checked: exit status 1.
            """)

    @Argument(help: "The exported file; - for standard input.")
    var file: String

    @Option(help: "A public key whose checkpoints count, or a file with it; may be given more than once.")
    var key: [String] = []

    @Option(
        help:
            "What the trail must have: a checkpoint as JSON, a file with checkpoints of which the last counts, or SEQUENCE:HASH."
    )
    var expect: String?

    @Flag(help: "Let it begin with a record that can't be checked.")
    var partial = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        do throws(AuditFault) {
            let keys = try key.map { text throws(AuditFault) in try AuditText.key(text) }
            let expected = try expect.map { text throws(AuditFault) in try AuditText.mark(text) }
            let verification = try AuditText.verified(try Self.text(of: file), trusting: keys, expecting: expected)
            print(try text(verification))
            if let unchecked = verification.unchecked, !partial { throw Self.fault(beginningWith: unchecked) }
        } catch {
            throw Obstacle("Error: \(file): \(error.what)")
        }
    }

    func text(_ verification: AuditVerification) throws(AuditFault) -> String {
        let lines = try AuditText.findings(verification, areSignaturesChecked: !key.isEmpty)
        guard json else { return lines.joined(separator: "\n") }
        let answer = VerificationAnswer(verification, areSignaturesChecked: !key.isEmpty)
        guard let text = try? JSONText.of(answer) else { throw AuditFault("its verification can't be printed") }
        return text
    }

    /// What was printed before says what was checked all the same.
    private static func fault(beginningWith unchecked: AuditVerification.Mark) -> AuditFault {
        AuditFault(
            """
            record \(unchecked.sequence) can't be checked; stsbroker audit export --after \(unchecked.sequence - 1) writes what it \
            takes, and --partial does without
            """)
    }

    private static func text(of file: String) throws(AuditFault) -> Data {
        if file == "-" { return try standardInput() }
        guard let data = try? Data(contentsOf: URL(filePath: file)) else { throw AuditFault("it can't be read") }
        return data
    }

    private static func standardInput() throws(AuditFault) -> Data {
        var data = Data()
        while true {
            var part = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(STDIN_FILENO, &part, part.count)
            guard count >= 0 else { throw AuditFault("it can't be read") }
            guard count > 0 else { return data }
            data += part[..<count]
        }
    }
}

/// What `audit verify --json` prints of an export in which all fits.
struct VerificationAnswer: Encodable {
    /// Sequence numbers of records: those that were checked.
    let first: Int64?
    let last: Int64?
    /// The record whose hash the anchor has; absent where it begins with record 1.
    let anchor: Int64?
    /// The record that it begins with and that can't be checked; absent where there is none.
    let unchecked: Int64?
    /// Of the last record, in hexadecimal.
    let lastHash: String?
    let checkpoints: Int
    /// Up to which record there are checkpoints; absent if there are none.
    let checkpointed: Int64?
    /// Whether the checkpoints' signatures were checked.
    let areSignaturesChecked: Bool

    init(_ verification: AuditVerification, areSignaturesChecked: Bool) {
        first = verification.first
        last = verification.last?.sequence
        anchor = verification.anchor?.sequence
        unchecked = verification.unchecked?.sequence
        lastHash = verification.last?.hash
        checkpoints = verification.checkpoints
        checkpointed = verification.checkpoint?.sequence
        self.areSignaturesChecked = areSignaturesChecked
    }

    enum CodingKeys: String, CodingKey {
        case first, last, anchor, unchecked, checkpoints
        case lastHash = "last_hash"
        case checkpointed = "checkpointed_to"
        case areSignaturesChecked = "signatures_checked"
    }
}

/// Why an export can't be believed, or read.
struct AuditFault: Error, Equatable {
    let what: String

    init(_ what: String) { self.what = what }
}
