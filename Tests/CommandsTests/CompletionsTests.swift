import ArgumentParser
import FoundationEssentials
import Testing

@testable import Commands

@Suite struct CompletionsTests {
    @Test(arguments: ["bash", "zsh", "fish"])
    func `as JSON, the script is the same, beside its shell`(shell: String) throws {
        let script = try CompletionsCommand.parse([shell]).text
        #expect(script.contains("credential-process"))
        let json = Data(try CompletionsCommand.parse([shell, "--json"]).text.utf8)
        #expect(try JSONDecoder().decode([String: String].self, from: json) == ["shell": shell, "script": script])
    }
}
