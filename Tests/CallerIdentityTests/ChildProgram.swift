import Glibc
import Subprocess

/// A program that runs for as long as a test wants.
enum ChildProgram {
    /// Runs it until `body` has returned.
    static func run<Value: Sendable>(
        _ program: String, _ arguments: [String], _ body: @escaping @Sendable (pid_t) async throws -> Value
    ) async throws -> Value {
        try await Subprocess.run(
            .name(program), arguments: Arguments(arguments),
            input: .none, output: .discarded, error: .discarded
        ) { execution in
            let value = try await body(execution.processIdentifier.value)
            try execution.send(signal: .kill)
            return value
        }.closureResult
    }
}
