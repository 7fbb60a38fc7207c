import TestSupport
import Testing

/// A broker that is killed at work.
@Suite(.timeLimit(.minutes(10))) struct KilledBrokerTests {
    @Test func `killed in the middle of a thousand issuances, it has lost nothing and doubled nothing`() async throws {
        let script = try PythonEnvironment.script("killed_issuances.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            _ = try await sandbox.shell("env", "python -B '\(script)'")
        }
    }
}
