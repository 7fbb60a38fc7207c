import ArgumentParser
import PolicyFiles

struct PolicyLintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Name all that is wrong with policy files, or likely to fail.",
        discussion: """
            Needs no broker. All files together are one set of policies and teams; of a directory, its files *.yaml. Exit status: 0 \
            without errors, 1 with.
            """)

    @Argument(help: "Files of policies and teams, or directories of such files.")
    var files: [String]

    @Flag(help: "Warn of what the broker can't do when its own AWS credentials are a role's.")
    var chained = false

    @Flag(help: "End with status 1 for warnings, too.")
    var strict = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let findings = PolicyLint.findings(in: files, chainsRoles: chained)
        if json {
            print(try JSONText.of(findings))
        } else {
            for finding in findings { print(finding) }
        }
        if findings.contains(where: { strict || $0.severity == .error }) { throw CommandFailure.failed }
    }
}
