import TestSupport
import Testing

/// A broker that has no key of AWS and issues tokens instead, with real processes and boto3.
@Suite(.timeLimit(.minutes(5))) struct KeylessTests {
    @Test func `without any AWS key, boto3 gets tagged credentials of 12 hours, and only by the broker's own tokens`()
        async throws
    {
        let script = try PythonEnvironment.script("keyless.py", of: #filePath)
        try await RunningSandbox.running(["--keyless"]) { sandbox in
            _ = try await sandbox.shell("env", "python -B '\(script)'")
        }
    }
}
