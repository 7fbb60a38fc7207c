import Foundation
import TestSupport
import Testing

/// What the daemon spares the broker, and what it spares its users.
@Suite(.timeLimit(.minutes(6))) struct OutageTests {
    private struct FirstRequests: Decodable {
        let statuses: [String: Int]
        let brokerCalls: Int
    }

    private struct Work: Decodable {
        let calls: Int
        let keys: Int
        let sessions: Int
        let brokerCalls: Int
    }

    @Test func `a thousand concurrent first requests for one role make one call to the broker`() async throws {
        let script = try PythonEnvironment.script("thousand_first_requests.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            let report = try await sandbox.shell("env", "python '\(script)'")
            let outcome = try JSONDecoder().decode(FirstRequests.self, from: Data(report.utf8))
            #expect(outcome.statuses == ["200": 1000])
            #expect(outcome.brokerCalls == 1)
        }
    }

    @Test func `boto3 works for three minutes on credentials of 60 seconds while the broker fails half of the time`()
        async throws
    {
        let script = try PythonEnvironment.script("work_for_three_minutes.py", of: #filePath)
        try await RunningSandbox.running(["--lifetime", "60s"]) { sandbox in
            let report = try await sandbox.shell("env", "python '\(script)'")
            let work = try JSONDecoder().decode(Work.self, from: Data(report.utf8))
            #expect(work.calls > 100)
            #expect(work.keys >= 4)
            // Calls without a session are those that a fault has met.
            #expect(work.brokerCalls > work.sessions, "\(report)")
        }
    }
}
