import TestSupport
import Testing

/// What the broker does in AWS besides STS, with a real broker that is killed, and moto as AWS, which comes late.
@Suite(.timeLimit(.minutes(5))) struct MotoTests {
    @Test
    func `what is revoked is denied in IAM and approvers are told by SNS, also if AWS was away and the broker killed`()
        async throws
    {
        let script = try PythonEnvironment.script("side_effects.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            _ = try await sandbox.shell("env", "python -B '\(script)'")
        }
    }
}
