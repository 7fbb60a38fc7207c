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
                for line in csv ? page.records.map(AuditText.csv) : try AuditText.jsonLines(page) { print(line) }
                guard let last = page.records.last else { return }
                after = last.sequence
            }
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
    fileprivate func checkpoints(after sequence: Int64) async throws -> AuditCheckpointPage {
        try await client.value(
            at: "/v1/audit/checkpoints?after=\(sequence)", as: AuditCheckpointPage.self, idToken: idToken)
    }
}
