import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct DescribedAPITests {
    @Test func `the broker answers as its OpenAPI document says`() async throws {
        let script = try PythonEnvironment.script("described_api.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            _ = try await sandbox.shell("env", "python -B '\(script)'")
        }
    }
}
