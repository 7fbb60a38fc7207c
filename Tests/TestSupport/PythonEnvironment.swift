package import Foundation
import Subprocess

/// The repository's virtual environment with the judges of our wire formats: botocore, boto3, moto
/// (`Tests/requirements.txt`).
package enum PythonEnvironment {
    /// The repository's root.
    package static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The interpreter that has the judges installed.
    package static let interpreter = root.appending(path: ".venv/bin/python").path

    /// The script of that name in the folder `Python` of the test target whose file calls; pass `#filePath` from any folder
    /// of the target.
    package static func script(_ name: String, of testFile: String = #filePath) throws -> String {
        var folder = URL(filePath: testFile).deletingLastPathComponent()
        while folder.pathComponents.count > root.pathComponents.count {
            let candidate = folder.appending(path: "Python/\(name)").path
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        throw PythonFailure(script: name, reason: "there is no such script in a folder Python above \(testFile)")
    }

    /// Runs a script with `input` as JSON on its standard input and reads JSON from its standard output.
    package static func run<Input: Encodable, Output: Decodable>(
        _ script: String, input: Input, as type: Output.Type = Output.self
    ) async throws -> Output {
        guard FileManager.default.isExecutableFile(atPath: interpreter) else {
            throw PythonFailure(script: script, reason: "\(interpreter) is missing; run make test, which installs it")
        }
        let json = String(decoding: try JSONEncoder().encode(input), as: UTF8.self)
        let result = try await Subprocess.run(
            .name("env"), arguments: [interpreter, script], input: .string(json),
            output: .string(limit: 64 << 20), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            throw PythonFailure(script: script, reason: "\(result.terminationStatus): \(result.standardError)")
        }
        return try JSONDecoder().decode(type, from: Data(result.standardOutput.utf8))
    }
}

/// A Python script did not do its part.
package struct PythonFailure: Error, CustomStringConvertible {
    package let script: String
    package let reason: String

    package init(script: String, reason: String) {
        self.script = script
        self.reason = reason
    }

    package var description: String { "\(script): \(reason)" }
}
