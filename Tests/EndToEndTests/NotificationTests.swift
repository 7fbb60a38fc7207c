import TestSupport
import Testing

/// Approvers and requesters are told, with a real broker, a real mail server, and targets that fail.
@Suite(.timeLimit(.minutes(5))) struct NotificationTests {
    @Test
    func `defects B7, B8, B9: notices outlive failing targets and a killed broker, and no request waits for them`()
        async throws
    {
        let script = try PythonEnvironment.script("notifications.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            _ = try await sandbox.shell("env", "python -B '\(script)'")
        }
    }
}
