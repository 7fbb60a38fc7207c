import TestSupport
import Testing

/// Requests that people decide on, with real processes and boto3.
@Suite(.timeLimit(.minutes(6))) struct ApprovalTests {
    @Test func `asked for, approved by a second person, used with tags, revoked, and refused`() async throws {
        let script = try PythonEnvironment.script("approvals.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            _ = try await sandbox.shell("env", "python -B '\(script)'")
        }
    }

    @Test
    func
        `the whole story: a program asks, a mail tells, a page approves, boto3 gets tags, and is refused after it is revoked`()
        async throws
    {
        let script = try PythonEnvironment.script("whole_story.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            _ = try await sandbox.shell("env", "python -B '\(script)'")
        }
    }
}
