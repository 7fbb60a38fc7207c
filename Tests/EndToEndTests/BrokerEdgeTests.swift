import TestSupport
import Testing

/// What stands between the network and the broker's routes, with real processes and sockets.
@Suite(.timeLimit(.minutes(6))) struct BrokerEdgeTests {
    @Test func `Prometheus reads every metric, and readiness follows the database`() async throws {
        try await run("broker_metrics.py")
    }

    @Test func `TLS takes new certificates while it runs, and wants clients' where it is told to`() async throws {
        try await run("broker_tls.py")
    }

    @Test func `slow, many, long-winded and tireless clients don't keep others from the broker`() async throws {
        try await run("broker_limits.py")
    }

    @Test func `told to stop, the broker answers all that it has accepted, and signs all that it has recorded`()
        async throws
    {
        try await run("broker_drain.py")
    }

    @Test func `the audit trail is signed, and what was changed, cut off or written anew is found`() async throws {
        try await run("broker_audit.py")
    }

    private func run(_ name: String) async throws {
        let script = try PythonEnvironment.script(name, of: #filePath)
        try await RunningSandbox.running { sandbox in
            _ = try await sandbox.shell("env", "python -B '\(script)'")
        }
    }
}
