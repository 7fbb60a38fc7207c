import Foundation
import Subprocess
import TestSupport
import Testing

/// What `make install` puts on a machine, judged by systemd itself.
@Suite(.timeLimit(.minutes(5))) struct InstalledUnitTests {
    @Test func `units are valid, confined, and gone after uninstalling`() async throws {
        let script = try PythonEnvironment.script("units.py", of: #filePath)
        try await TemporaryFolder.use { folder in
            let result = try await Subprocess.run(
                .name("env"),
                arguments: [
                    PythonEnvironment.interpreter, "-B", script, folder.path, PythonEnvironment.root.path,
                    Executable.folder.path,
                ],
                input: .none, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            #expect(result.terminationStatus.isSuccess, "\(result.standardOutput)\(result.standardError)")
        }
    }
}
