import Foundation
import Glibc
import Subprocess
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct DaemonLifeTests {
    @Test func `a daemon is refused beside another, starts after a kill, stops cleanly, and gives other users nothing`()
        async throws
    {
        try await run("daemon_life.py")
    }

    @Test func `rules about programs and groups hold over TCP and Unix sockets, and can be explained`() async throws {
        try await run("caller_rules.py")
    }

    @Test(
        .enabled(if: geteuid() == 0, "needs root, to make network namespaces"))
    func `containers get what a rule gives their address, at the addresses of AWS`() async throws {
        try await run("network_callers.py")
    }

    private func run(_ name: String) async throws {
        let script = try PythonEnvironment.script(name, of: #filePath)
        try await TemporaryFolder.use { folder in
            let result = try await Subprocess.run(
                .name("env"),
                arguments: [
                    "PATH=\(Executable.folder.path):/usr/bin:/bin", PythonEnvironment.interpreter, script, folder.path,
                ],
                input: .none, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            #expect(result.terminationStatus.isSuccess, "\(result.standardOutput)\(result.standardError)")
        }
    }
}
