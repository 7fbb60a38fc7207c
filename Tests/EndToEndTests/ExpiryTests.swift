import Foundation
import TestSupport
import Testing

/// Nobody on the way from STS to the SDK changes when credentials end.
@Suite(.timeLimit(.minutes(5))) struct ExpiryTests {
    /// botocore by itself gives credentials of the instance metadata service a later end when under 20 minutes are left.
    @Test(arguments: [([], 5), (["--lifetime", "60s"], 4)])
    func `the expiration as served is the one that STS has set`(options: [String], agreeing: Int) async throws {
        let script = try PythonEnvironment.script("served_expiry.py", of: #filePath)
        try await RunningSandbox.running(options) { sandbox in
            let url = try #require(sandbox.addresses["imds_url"])
            let report = try await sandbox.shell("env", "IMDS_URL='\(url)' python '\(script)'")
            let expirations = try JSONDecoder().decode([String: String].self, from: Data(report.utf8))
            let minted = try #require(expirations["sts"])
            #expect(expirations.values.filter { $0 == minted }.count == agreeing, "\(report)")
        }
    }
}
