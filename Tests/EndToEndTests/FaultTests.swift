import Foundation
import TestSupport
import Testing

/// A daemon beside the sandbox's, put through what goes wrong around it. The scripts of `Python/faults` judge every answer while
/// that happens: nothing but credentials that the broker has issued for that role and that still live, or a documented
/// error; and the 99th percentile of healthy callers, one that keeps its connection and one that connects for each call, is
/// under 100 ms. What they may notice besides, `LIMITS` of steady_caller.py says.
@Suite(.timeLimit(.minutes(10))) struct FaultTests {
    @Test func `sources that hang, break, drip or lie are outlived, and each role recovers by itself`() async throws {
        try await Self.run("source_faults", lifetime: "60s")
    }

    @Test func `a clock ahead by an hour or a year ends what is held until it is right again`() async throws {
        try await Self.run("clock_jumps", "forward", lifetime: "60s")
    }

    @Test func `a clock that falls back an hour or a year does not prolong the life of credentials`() async throws {
        try await Self.run("clock_jumps", "back", lifetime: "60s")
    }

    @Test func `after a jump of all clocks, as by sleep, new credentials are fetched`() async throws {
        try await Self.run("clock_jumps", "everything", lifetime: "60s")
    }

    @Test func `a daemon that was killed starts on the same addresses and has forgotten what it held`() async throws {
        try await Self.run("kill_and_restart")
    }

    @Test func `memory stays flat over many requests and tokens`() async throws {
        try await Self.run("million_requests")
    }

    /// What the scripts assert; they print what they measured.
    fileprivate static func run(_ module: String, _ arguments: String..., lifetime: String = "1h") async throws {
        let script = try PythonEnvironment.script("faults/\(module).py", of: #filePath)
        let folder = URL(filePath: script).deletingLastPathComponent().deletingLastPathComponent().path
        let words = (["faults.\(module)"] + arguments).joined(separator: " ")
        try await RunningSandbox.running(["--lifetime", lifetime]) { sandbox in
            let report = try await sandbox.shell("env", "cd '\(folder)' && python -B -m \(words)")
            print("\(words): \(report)", terminator: "")
        }
    }
}

/// One after the other: each wants many descriptors.
@Suite(.serialized, .timeLimit(.minutes(6))) struct CrowdTests {
    @Test func `healthy callers don't notice ten thousand connections, half-open ones, or a user over the limit`()
        async throws
    {
        try await FaultTests.run("many_connections")
    }

    @Test func `without free descriptors connected callers are served, the daemon rests, and then accepts again`()
        async throws
    {
        try await FaultTests.run("exhausted_descriptors")
    }
}
