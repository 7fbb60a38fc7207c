import Subprocess

/// A real moto process on a free port of 127.0.0.1, an AWS that shares no code with us.
package struct MotoServer: Sendable {
    /// `http://127.0.0.1:PORT`.
    package let endpoint: String

    /// Starts moto, runs `body`, and ends moto. moto also ends by itself when this process dies.
    package static func running<Result: Sendable>(
        _ body: @Sendable (MotoServer) async throws -> Result
    ) async throws -> Result {
        let script = try PythonEnvironment.script("moto_until_stdin_closes.py")
        let outcome = try await Subprocess.run(
            .name("env"), arguments: [PythonEnvironment.interpreter, script],
            input: .inputWriter, output: .sequence, error: .discarded
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            guard let line = try await lines.next(), let port = UInt16(line.filter(\.isNumber)) else {
                throw PythonFailure(script: script, reason: "it did not print its port")
            }
            let result = try await body(MotoServer(endpoint: "http://127.0.0.1:\(port)"))
            try await execution.standardInputWriter.finish()
            return result
        }
        return outcome.closureResult
    }
}
