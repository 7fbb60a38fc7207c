import Subprocess

/// Runs programs to their end.
enum Program {
    struct Outcome: Sendable {
        var isSuccess: Bool
        var output: String
        var problems: String
    }

    static func run(
        _ executable: String, _ arguments: [String], environment: [Environment.Key: String] = [:]
    ) async throws -> Outcome {
        let updates = environment.mapValues { Optional($0) }
        let result = try await Subprocess.run(
            .name("env"), arguments: Arguments([executable] + arguments),
            environment: .inherit.updating(updates), input: .none, output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        return Outcome(
            isSuccess: result.terminationStatus.isSuccess, output: result.standardOutput,
            problems: result.standardError)
    }

    /// The Python of the tests' virtual environment, which has boto3.
    static func python(_ script: String, _ arguments: [String] = []) async throws -> Outcome {
        try await run("\(root)/.venv/bin/python", ["\(root)/Tests/SandboxTests/Python/\(script)"] + arguments)
    }

    static var root: String {
        #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
    }
}
