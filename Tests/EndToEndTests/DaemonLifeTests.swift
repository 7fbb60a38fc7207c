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

    @Test func `it can be watched, and its audit's file can be rotated`() async throws {
        try await run("seen_from_outside.py")
    }

    @Test func `rules about programs and groups hold over TCP and Unix sockets, and can be explained`() async throws {
        try await run("caller_rules.py")
    }

    @Test(
        .enabled(if: geteuid() == 0, "needs root, to make network namespaces"))
    func `containers get what a rule gives their address, at the addresses of AWS`() async throws {
        try await run("network_callers.py")
    }

    @Test func `a service manager's sockets are adopted, outlive a kill, and it is told what the daemon does`()
        async throws
    {
        try await run("service_manager.py")
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to become others"))
    func `it runs without root and capabilities, and users can read their own tokens all the same`() async throws {
        try await run("without_root.py")
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to become others"))
    func `with the capabilities that its drop-in gives, rules about programs hold for other users`() async throws {
        let folder = PythonEnvironment.root.appending(path: "systemd/system/stsbrokerd.service.d")
        try await run("process_rules.py", folder.appending(path: "process-rules.conf.example").path)
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to make network namespaces"))
    func `started by use at the addresses of AWS, it serves SDKs that know nothing of it`() async throws {
        let script = PythonEnvironment.root.appending(path: "systemd/link-local-addresses").path
        try await run("link_local.py", script)
    }

    private func run(_ name: String, _ arguments: String...) async throws {
        let script = try PythonEnvironment.script(name, of: #filePath)
        try await TemporaryFolder.use { folder in
            let result = try await Subprocess.run(
                .name("env"),
                arguments: Arguments(
                    [
                        "PATH=\(Executable.folder.path):/usr/bin:/bin:/usr/sbin:/sbin", PythonEnvironment.interpreter,
                        script, folder.path,
                    ] + arguments),
                input: .none, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            #expect(result.terminationStatus.isSuccess, "\(result.standardOutput)\(result.standardError)")
        }
    }
}
