import Foundation
import TestSupport
import Testing

/// What the daemon spares the broker, and what it spares its users.
@Suite(.timeLimit(.minutes(6))) struct OutageTests {
    private static let counters = """
        python -c 'import os, urllib.request as u; \
        print(u.build_opener(u.ProxyHandler({})).open(os.environ["STSBROKER_SANDBOX_URL"] + "/counters").read().decode())'
        """

    @Test func `a thousand concurrent first requests for one role make one call to the broker`() async throws {
        let script = try PythonEnvironment.script("thousand_first_requests.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            let statuses = try await sandbox.shell("env", "python '\(script)'")
            #expect(statuses == "{\"200\": 1000}\n")
            let counters = try await sandbox.shell("env", Self.counters)
            let counts = try JSONDecoder().decode([String: [String: Int]].self, from: Data(counters.utf8))
            #expect(counts["broker"]?["POST /v1/credentials"] == 1)
        }
    }

    @Test func `boto3 works for three minutes on credentials of 60 seconds while the broker fails half of the time`()
        async throws
    {
        let script = try PythonEnvironment.script("work_for_three_minutes.py", of: #filePath)
        try await RunningSandbox.running(["--lifetime", "60s"]) { sandbox in
            let report = try await sandbox.shell("env", "python '\(script)'")
            let counts = try JSONDecoder().decode([String: Int].self, from: Data(report.utf8))
            #expect(try #require(counts["calls"]) > 100)
            #expect(try #require(counts["keys"]) >= 4)
        }
    }
}
