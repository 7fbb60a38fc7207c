import Foundation
import Subprocess
import TestSupport

/// A real `stsbroker-sandbox` with its broker and daemon, in a state directory of its own.
struct RunningSandbox: Sendable {
    let stateDirectory: URL
    let addresses: [String: String]

    /// Starts it, waits until it says where everything is, runs `body`, and stops it with SIGTERM. `settings` are
    /// environment variables in the form `NAME=VALUE`.
    static func running<Result: Sendable>(
        _ options: [String] = [], settings: [String] = [],
        _ body: @escaping @Sendable (RunningSandbox) async throws -> Result
    ) async throws -> Result {
        try await TemporaryFolder.use { folder in
            let command = settings + [Executable.folder.appending(path: "stsbroker-sandbox").path, "--state-dir"]
            return try await running(command + [folder.appending(path: "state").path] + options, in: folder, body)
        }
    }

    private static func running<Result: Sendable>(
        _ command: [String], in folder: URL, _ body: @escaping @Sendable (RunningSandbox) async throws -> Result
    ) async throws -> Result {
        var platform = PlatformOptions()
        platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(15))]
        let log = folder.appending(path: "log")
        let outcome = try await Subprocess.run(
            .name("sh"), arguments: Arguments(["-c", #"exec env "$@" 2>"$0""#, log.path] + command),
            platformOptions: platform, input: .none, output: .discarded, error: .discarded
        ) { execution in
            do {
                let state = folder.appending(path: "state")
                let addresses = try await addresses(in: state, of: execution.processIdentifier.value, log: log)
                let result = try await body(RunningSandbox(stateDirectory: state, addresses: addresses))
                try execution.send(signal: .terminate)
                return result
            } catch {
                try execution.send(signal: .terminate)
                throw error
            }
        }
        return outcome.closureResult
    }

    /// What `sandbox.json` says, once that process has written it.
    private static func addresses(in state: URL, of process: pid_t, log: URL) async throws -> [String: String] {
        for _ in 0..<600 {
            if let data = try? Data(contentsOf: state.appending(path: "sandbox.json")),
                let fields = try JSONSerialization.jsonObject(with: data) as? [String: Any],
                fields["pid"] as? Int == Int(process)
            {
                return fields.compactMapValues { $0 as? String }
            }
            try await ContinuousClock().sleep(for: .milliseconds(100))
        }
        let problems = (try? String(contentsOf: log, encoding: .utf8)) ?? "no log"
        throw PythonFailure(script: "stsbroker-sandbox", reason: "it was not ready within a minute: \(problems)")
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
