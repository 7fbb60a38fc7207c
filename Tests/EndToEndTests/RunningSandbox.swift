import Foundation
import Subprocess
import TestSupport

/// A real `stsbroker-sandbox` with its broker and daemon, in a state directory of its own.
struct RunningSandbox: Sendable {
    let stateDirectory: URL
    let addresses: [String: String]

    /// Starts it, waits until it says where everything is, runs `body`, and stops it with SIGTERM.
    static func running<Result: Sendable>(
        _ options: [String] = [], _ body: @escaping @Sendable (RunningSandbox) async throws -> Result
    ) async throws -> Result {
        try await TemporaryFolder.use { try await running(in: $0, options, body) }
    }

    private static func running<Result: Sendable>(
        in directory: URL, _ options: [String], _ body: @escaping @Sendable (RunningSandbox) async throws -> Result
    ) async throws -> Result {
        var platform = PlatformOptions()
        platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(15))]
        let outcome = try await Subprocess.run(
            .name("env"),
            arguments: Arguments(
                [Executable.folder.appending(path: "stsbroker-sandbox").path, "--state-dir", directory.path] + options),
            platformOptions: platform,
            input: .none, output: .discarded, error: .discarded
        ) { execution in
            let sandbox = RunningSandbox(
                stateDirectory: directory, addresses: try await addresses(in: directory))
            do {
                let result = try await body(sandbox)
                try execution.send(signal: .terminate)
                return result
            } catch {
                try execution.send(signal: .terminate)
                throw error
            }
        }
        return outcome.closureResult
    }

    private static func addresses(in directory: URL) async throws -> [String: String] {
        let file = directory.appending(path: "sandbox.json")
        for _ in 0..<600 {
            if let data = try? Data(contentsOf: file),
                let fields = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            {
                return fields.compactMapValues { $0 as? String }
            }
            try await ContinuousClock().sleep(for: .milliseconds(100))
        }
        throw PythonFailure(script: "stsbroker-sandbox", reason: "it was not ready within a minute")
    }

    /// Runs a command in a shell that has sourced the environment file, and returns what it printed.
    func shell(_ environment: String, _ command: String) async throws -> String {
        let bin = PythonEnvironment.root.appending(path: ".venv/bin").path
        let path = "export PATH='\(bin)':'\(Executable.folder.path)':\"$PATH\""
        let script = ". '\(stateDirectory.path)/\(environment)' && \(path) && \(command)"
        let result = try await Subprocess.run(
            .name("sh"), arguments: ["-c", script], input: .none, output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            throw PythonFailure(script: command, reason: "\(result.terminationStatus): \(result.standardError)")
        }
        return result.standardOutput
    }
}
