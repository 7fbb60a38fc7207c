import Foundation
import Subprocess
import TestSupport
import Testing

/// The suite that judges any endpoint, on ours.
@Suite(.timeLimit(.minutes(5))) struct ConformanceTests {
    @Test func `both faces of the daemon conform to what SDKs need`() async throws {
        let script = PythonEnvironment.root.appending(path: "Tests/Conformance/conformance.py").path
        try await RunningSandbox.running { sandbox in
            let imds = try #require(sandbox.addresses["imds_url"])
            let container = try #require(sandbox.addresses["container_url"]).replacing("/role/developer", with: "")
            let tokenFile = try #require(sandbox.addresses["token_file"])
            for arguments in [[imds, "developer"], [container, "developer", "--token-file", tokenFile]] {
                let report = try await Subprocess.run(
                    .name("env"), arguments: Arguments([PythonEnvironment.interpreter, "-B", script] + arguments),
                    input: .none, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
                #expect(report.terminationStatus.isSuccess, "\(report.standardOutput)\(report.standardError)")
                let judged = report.standardOutput.split(separator: "\n").filter {
                    $0.hasPrefix("ok ") && !$0.contains("# SKIP")
                }
                #expect(judged.count >= 25, "\(report.standardOutput)")
            }
        }
    }
}
