import AccessControl
import ArgumentParser
import BrokerAPI

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Export the broker's audit trail, and verify an export.",
        subcommands: [
            AuditExportCommand.self, AuditVerifyCommand.self, AuditCheckpointsCommand.self, AuditKeyCommand.self,
        ])
}

struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print the audit trail with its checkpoints, one JSON object a line.",
        discussion: "For members of the teams that the broker's configuration calls auditors.")

    @OptionGroup var options: BrokerOptions

    @Option(help: "Only what follows the record of that number, with an anchor: that record's hash.")
    var after: Int64 = 0

    @Flag(help: "Print comma-separated values, which can't be verified, instead.")
    var csv = false

    func run() async throws {
        try await options.run { broker in
            try await broker.export(after: after, asCSV: csv) { print($0) }
        }
    }
}

struct AuditCheckpointsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoints",
        abstract: "Print the signed checkpoints of the audit trail, one JSON object a line.",
        discussion: """
            Keep the last one where whoever could change the trail can't: stsbroker audit verify --expect takes it. For members of the \
            teams that the broker's configuration calls auditors.
            """)

    @OptionGroup var options: BrokerOptions

    @Option(help: "Only those that cover more than that record.")
    var after: Int64 = 0

    func run() async throws {
        try await options.run { broker in
            var after = after
            while true {
                let page = try await broker.checkpoints(after: after)
                for checkpoint in page.checkpoints { print(try AuditText.json(checkpoint)) }
                guard let last = page.checkpoints.last else { return }
                after = last.sequence
            }
        }
    }
}

struct AuditKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Print the public key with which checkpoints are verified.",
        discussion: "For members of the teams that the broker's configuration calls auditors.")

    @OptionGroup var options: BrokerOptions

    func run() async throws {
        try await options.run { broker in
            var page = try await broker.checkpoints(after: .max)
            page.checkpoints = []
            print(options.json ? try JSONText.of(page) : page.publicKey)
        }
    }
}

extension BrokerAccess {
    /// Gives the lines of an export to `write`, one by one. What follows a record begins with that record's hash, if there is one.
    func export(after sequence: Int64, asCSV: Bool, to write: (String) -> Void) async throws {
        if asCSV {
            write(AuditText.csvHeader)
        } else if sequence > 0, let record = try await trail(after: sequence - 1, limit: 1).records.first,
            record.sequence == sequence
        {
            write(try AuditText.json(AuditAnchor(record)))
        }
        var last = sequence
        while true {
            let page = try await trail(after: last)
            for line in asCSV ? page.records.map(AuditText.csv) : try AuditText.jsonLines(page) { write(line) }
            guard let end = page.records.last else { return }
            last = end.sequence
        }
    }

    private func trail(after sequence: Int64, limit: Int? = nil) async throws -> AuditPage {
        let limit = limit.map { "&limit=\($0)" } ?? ""
        return try await client.value(
            at: "/v1/audit?after=\(sequence)\(limit)", as: AuditPage.self, idToken: idToken)
    }

    fileprivate func checkpoints(after sequence: Int64) async throws -> AuditCheckpointPage {
        try await client.value(
            at: "/v1/audit/checkpoints?after=\(sequence)", as: AuditCheckpointPage.self, idToken: idToken)
    }
}
