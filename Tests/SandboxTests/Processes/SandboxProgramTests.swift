import Foundation
import Subprocess
import Testing

@testable import Sandbox

/// The real executable, with stand-ins for the broker and the daemon that check what they are given.
@Suite("The program as a whole", .timeLimit(.minutes(5)))
struct SandboxProgramTests {
    @Test("Starts its children with good configuration, signs in, writes the files, and stops cleanly")
    func lifeCycle() async throws {
        try await report("life-cycle")
    }

    @Test("Killed children, killed sandboxes and second runs: nothing is left behind")
    func deaths() async throws {
        try await report("deaths")
    }

    @Test("What can't start says why, and exits non-zero")
    func refusals() async throws {
        try await report("refusals")
    }

    private func report(_ scenario: String) async throws {
        try await TemporaryDirectory.use { directory in
            let outcome = try await Program.python("program_scenarios.py", [scenario, try sandboxProgram(), directory])
            #expect(outcome.isSuccess, "\(outcome.output)\(outcome.problems)")
        }
    }

    /// Next to the tests' own executable.
    private func sandboxProgram() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: own).deletingLastPathComponent().appending(path: "stsbroker-sandbox").path
    }
}
