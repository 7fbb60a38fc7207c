import Foundation
import Glibc
import Subprocess
import TestSupport
import Testing

/// What `make install` puts on a machine, judged by systemd itself.
@Suite(.timeLimit(.minutes(5))) struct InstalledUnitTests {
    @Test func `units are valid, confined, and gone after uninstalling`() async throws {
        try await run("units.py")
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to make namespaces"))
    func `under a systemd, a host is started by use, serves SDKs, outlives kills and hangs, and stops cleanly`()
        async throws
    {
        try await run("booted_units.py")
    }

    private func run(_ name: String) async throws {
        let script = try PythonEnvironment.script(name, of: #filePath)
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
