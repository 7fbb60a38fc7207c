import Foundation
import Glibc
import Subprocess
import TestSupport
import Testing

/// What `make deb` makes, judged by lintian, and by dpkg in a copy of this machine's file system that nothing leaves.
@Suite(.timeLimit(.minutes(5))) struct DebianPackageTests {
    @Test(.enabled(if: geteuid() == 0, "needs root, to mount the copy"))
    func `a package is installed, upgraded, removed and purged without a trace but the audit trail`() async throws {
        let script = try PythonEnvironment.script("debian_package.py", of: #filePath)
        try await TemporaryFolder.use { folder in
            let result = try await Subprocess.run(
                .name("unshare"),
                arguments: [
                    "--mount", PythonEnvironment.interpreter, "-B", script, folder.path, PythonEnvironment.root.path,
                ],
                input: .none, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            #expect(result.terminationStatus.isSuccess, "\(result.standardOutput)\(result.standardError)")
        }
    }
}
