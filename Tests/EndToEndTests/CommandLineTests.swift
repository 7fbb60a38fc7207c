import Foundation
import Glibc
import TestSupport
import Testing

/// The command line as people use it, with real shells, boto3 and aws.
@Suite(.timeLimit(.minutes(6))) struct CommandLineTests {
    @Test
    func
        `defect A11: env, exec, credential-process and profiles give programs the role that was asked for, and no more`()
        async throws
    {
        try await run("command_line.py")
    }

    @Test
    func
        `defect A11: sign-ins are sealed, outlive a kill, and end with a lock or a sign-out; configure and doctor find their way`()
        async throws
    {
        try await run("sign_ins.py")
    }

    @Test func `credentials outlive the daemon on disk, if they may, and nothing that was dropped does`() async throws {
        try await run("last_good.py")
    }

    @Test func `tokens of a Cognito user pool get credentials`() async throws {
        try await run("cognito.py")
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to be two users"))
    func `two users of one daemon get their own credentials from the same addresses, and never the other's`()
        async throws
    {
        try await run("two_users.py")
    }

    private func run(_ name: String) async throws {
        let script = try PythonEnvironment.script(name, of: #filePath)
        try await RunningSandbox.running { sandbox in
            try await TemporaryFolder.use { folder in
                _ = try await sandbox.shell("env", "python -B '\(script)' '\(folder.path)'")
            }
        }
    }
}
