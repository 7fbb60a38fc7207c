import ArgumentParser
import PolicyFiles
import StrictYAML

struct PolicyTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Judge made-up requests by policy files, and compare with what is expected.",
        discussion: """
            Needs no broker. docs/policies.md says what stands in the file. Prints TAP. Exit status: 0 if all is as expected, 1 if not.
            """)

    @Argument(help: "The file of cases.")
    var file: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let results = try PolicyCases.run(path: file)
        if json { print(try JSONText.of(results)) } else { for line in Self.tap(results) { print(line) } }
        guard results.allSatisfy(\.passed) else { throw CommandFailure.failed }
    }

    /// Test Anything Protocol, version 14.
    static func tap(_ results: [PolicyCaseResult]) -> [String] {
        ["TAP version 14", "1..\(results.count)"]
            + results.enumerated().flatMap { index, result in
                // A "#" would begin a directive.
                let name = TextTable.printable(result.name).replacing("#", with: "\\#")
                let line = "\(result.passed ? "ok" : "not ok") \(index + 1) - \(name)"
                return [line]
                    + (result.passed
                        ? [] : (result.differences + result.reasons).map { "# " + TextTable.printable($0) })
            }
    }
}
