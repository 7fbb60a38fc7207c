import AccessControl
import ArgumentParser
import FoundationEssentials
import StrictYAML

struct PolicyImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Print the original broker's tables as policies.yaml.",
        discussion: """
            Needs no broker. Reads plain JSON, JSON lines, YAML, DynamoDB's exports ({"Item": …} a line) and the output of \
            `aws dynamodb scan`. What has no place in policies.yaml is told on standard error; secrets are never printed. An item that \
            can't be used is told, and then nothing is imported. Bring the result to a broker with `stsbroker policy push`.
            """)

    @Option(help: "The table of policies.")
    var policies: String

    @Option(help: "The table of team preferences.")
    var teams: String?

    @Option(help: "The longest session of every policy, which the original doesn't know: 15m to 12h.")
    var maxDuration = "1h"

    @Option(help: "A team that decides on policies of a risk over 50. May be given several times.")
    var approvers: [String] = []

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        guard let longest = ConfiguredDuration(maxDuration)?.duration else {
            throw Obstacle(
                "Error: --max-duration must be a length of time like 1h.", code: CommandFailure.wrongArguments)
        }
        do {
            let tables = try ImportedTables(
                policies: try Self.records(policies), teams: try teams.map(Self.records) ?? [], longest: longest,
                approvers: approvers)
            let yaml = try tables.yaml
            print(json ? try JSONText.of(tables.values) : yaml)
            if yaml.utf8.count > StrictYAML.longestFile {
                tell("note: A broker reads files of at most 1 MiB: split it into several, in a directory.")
            }
            for note in tables.notes { tell("note: \(note)") }
            tell("\(tables.catalog.policies.count) policies and \(tables.catalog.teams.count) teams imported.")
        } catch let error as ImportFaults {
            let faults = error.faults.map { "Error: \($0.what)." }
            throw Obstacle((faults + ["Nothing was imported."]).joined(separator: "\n"))
        } catch let error as ImportFault {
            throw Obstacle("Error: \(error.what).")
        }
    }

    private static func records(_ file: String) throws(ImportFault) -> [PlainValue] {
        guard let data = try? Data(contentsOf: URL(filePath: file)) else { throw ImportFault("\(file) can't be read") }
        return try OriginalRecords.read(Array(data), file: file)
    }
}
