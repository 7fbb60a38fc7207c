import Foundation
import Glibc
import Subprocess
import TestSupport
import Testing

/// The recipes for containers, put into practice without an engine.
@Suite(.timeLimit(.minutes(5))) struct ContainerTests {
    @Test(.enabled(if: geteuid() == 0, "needs root, to make namespaces"))
    func `each sidecar serves boto3 by its own variables, with a token file that is rotated`() async throws {
        try await run("containers.py")
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to make namespaces"))
    func `a container on a workstation is served at the address of ECS, its neighbour is not`() async throws {
        try await run("workstation_container.py")
    }

    private func run(_ name: String) async throws {
        let script = try PythonEnvironment.script(name, of: #filePath)
        try await TemporaryFolder.use { folder in
            let result = try await Subprocess.run(
                .name("env"),
                arguments: [
                    "PATH=\(Executable.folder.path):/usr/bin:/bin:/usr/sbin:/sbin", PythonEnvironment.interpreter,
                    script, folder.path,
                ],
                input: .none, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            #expect(result.terminationStatus.isSuccess, "\(result.standardOutput)\(result.standardError)")
        }
    }
}
