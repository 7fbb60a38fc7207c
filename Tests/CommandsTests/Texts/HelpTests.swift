import ArgumentParser
import Foundation
import Testing

@testable import Commands

@Suite struct HelpTests {
    private static func verbs(
        _ command: any ParsableCommand.Type, _ path: String = ""
    ) -> [(path: String, command: any ParsableCommand.Type)] {
        command.configuration.subcommands.flatMap { verb in
            let name = path + (verb.configuration.commandName ?? "\(verb)")
            return [(name, verb)] + verbs(verb, "\(name)-")
        }
    }

    @Test func `the help of each verb`() throws {
        let verbs = Self.verbs(StsbrokerCommand.self)
        try Snapshot.compare(StsbrokerCommand.helpMessage(columns: 80), with: "help/stsbroker.txt")
        for verb in verbs {
            let text = StsbrokerCommand.helpMessage(for: verb.command, columns: 80)
            try Snapshot.compare(text, with: "help/\(verb.path).txt")
            // A usage line is the terminal's to wrap.
            for line in text.split(separator: "\n") where !line.hasPrefix("USAGE:") {
                #expect(line.count <= 80, "\(verb.path): \(line)")
            }
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: Snapshot.folder.appending(path: "help").path)
        #expect(Set(files) == Set(verbs.map { "\($0.path).txt" } + ["stsbroker.txt"]))
    }

    @Test func `wrong arguments`() throws {
        let vectors = [
            ["nothing"], ["status", "--nothing"], ["exec", "role"], ["use"], ["access", "role"],
            ["access", "r", "--profile", "a b"],
            ["request", "p", "--duration", "soon"], ["completions", "tcsh"], ["policies", "--output", "xml"],
            ["env", "a", "b"], ["policy", "explain", "--policy", "p", "--user", "u", "--claim-json", "suspended=yes"],
        ]
        let texts = vectors.map { vector in
            do {
                _ = try StsbrokerCommand.parseAsRoot(vector)
                return "\(vector): accepted"
            } catch {
                let message = StsbrokerCommand.fullMessage(for: error, columns: 80).split(separator: "\n").first ?? ""
                return "\(vector.joined(separator: " ")): \(message)"
            }
        }
        try Snapshot.compare(texts.joined(separator: "\n"), with: "wrong-arguments.txt")
    }
}
