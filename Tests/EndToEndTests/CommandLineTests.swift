import TestSupport
import Testing

/// The command line as people use it, with real shells, boto3 and aws.
@Suite(.timeLimit(.minutes(6))) struct CommandLineTests {
    @Test func `env, exec, credential-process and profiles give programs the role that was asked for, and no more`() async throws {
        try await run("command_line.py")
    }

    private func run(_ name: String, settings: [String] = []) async throws {
        let script = try PythonEnvironment.script(name, of: #filePath)
        try await RunningSandbox.running(settings: settings) { sandbox in
            try await TemporaryFolder.use { folder in
                _ = try await sandbox.shell("env", "python -B '\(script)' '\(folder.path)'")
            }
        }
    }
}
