import AccessControl
import ArgumentParser
import BrokerAPI
import Credentials
import FoundationEssentials
import Glibc

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Export the broker's audit trail, and verify an export.",
        subcommands: [AuditExportCommand.self, AuditVerifyCommand.self])
}

struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print the audit trail, one JSON object a line.",
        discussion: "For members of the teams that the broker's configuration calls auditors.")

    @OptionGroup var options: BrokerOptions

    @Option(help: "Only what follows the record of that number.")
    var after: Int64 = 0

    @Flag(help: "Print comma-separated values, which can't be verified, instead.")
    var csv = false

    func run() async throws {
        try await options.run { broker in
            var after = after
            if csv { print(AuditText.csvHeader) }
            while true {
                let page = try await broker.client.value(
                    at: "/v1/audit?after=\(after)", as: AuditPage.self, idToken: broker.idToken)
                for line in page.records { print(csv ? AuditText.csv(line) : try AuditText.json(line)) }
                guard let last = page.records.last else { return }
                after = last.sequence
            }
        }
    }
}

struct AuditVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Verify that each record of an export follows from those before it.",
        discussion: """
            Needs no broker. Compare the last hash with one that was noted elsewhere, such as in the broker's log at its start: \
            only that shows whether the end was cut off or everything was written anew.
            """)

    @Argument(help: "The exported file; - for standard input.")
    var file: String

    func run() throws {
        do throws(AuditFault) {
            let verification = try AuditText.verified(try Self.text(of: file))
            guard let first = verification.first, let last = verification.last else {
                throw AuditFault("it has no records")
            }
            print("Records \(first) to \(last.sequence) follow from each other; the last hash is \(last.hash).")
        } catch {
            tell("Error: \(file): \(error.what)")
            throw CommandFailure.failed
        }
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

/// Why an export can't be believed, or read.
struct AuditFault: Error, Equatable {
    let what: String

    init(_ what: String) { self.what = what }
}

/// Records of the trail as text.
enum AuditText {
    static func json(_ line: AuditLine) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(line), as: UTF8.self)
    }

    static let csvHeader = "sequence,at,kind,request_id,details"

    /// RFC 4180, and nothing that a spreadsheet takes for a formula.
    static func csv(_ line: AuditLine) -> String {
        let instant = Date(timeIntervalSince1970: Double(line.milliseconds) / 1000)
        let fields = ["\(line.sequence)", AWSTimestamp.text(instant), line.kind, line.requestID ?? "", line.details]
        return fields.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",")
    }

    /// Fails with the line, or the first record that does not fit.
    static func verified(_ export: Data) throws(AuditFault) -> AuditVerification {
        var verification = AuditVerification()
        for (index, text) in export.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let line = try? JSONDecoder().decode(AuditLine.self, from: text) else {
                throw AuditFault("line \(index + 1) is no record")
            }
            if let problem = verification.problem(with: line) { throw AuditFault(problem) }
        }
        return verification
    }
}
