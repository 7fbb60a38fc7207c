import Foundation
import Subprocess

/// A sandbox whose daemon is measured. Its credentials are fetched before anything is timed.
struct SandboxUnderLoad: Sendable {
    let daemonPID: Int32
    /// The container face's answer, whole, head and body.
    let sampleAnswer: String
    private let container: URLComponents
    private let imds: URLComponents
    private let authorization: String
    private let imdsToken: String

    static func running(executables: String, _ body: @Sendable (SandboxUnderLoad) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "bench-\(UInt32.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: directory) }
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(15))]
        _ = try await Subprocess.run(
            .name("env"), arguments: ["\(executables)/stsbroker-sandbox", "--state-dir", directory.path],
            platformOptions: options, input: .none, output: .discarded, error: .currentStandardError
        ) { execution in
            do {
                try await body(SandboxUnderLoad(in: directory))
                try execution.send(signal: .terminate)
            } catch {
                try execution.send(signal: .terminate)
                throw error
            }
        }
    }

    func target(for scenario: Scenario) -> Target {
        switch scenario.face {
        case .container:
            Target(
                port: container.port ?? 0, path: container.path, headers: [("Authorization", authorization)],
                keepsAlive: scenario.keepsAlive)
        case .imds:
            Target(
                port: imds.port ?? 0, path: "/latest/meta-data/iam/security-credentials/developer",
                headers: [("X-aws-ec2-metadata-token", imdsToken)], keepsAlive: scenario.keepsAlive)
        }
    }
}

extension SandboxUnderLoad {
    private struct Facts: Decodable {
        let daemonPID: Int32
        let containerURL: String
        let imdsURL: String
        let tokenFile: String

        enum CodingKeys: String, CodingKey {
            case daemonPID = "daemon_pid"
            case containerURL = "container_url"
            case imdsURL = "imds_url"
            case tokenFile = "token_file"
        }
    }

    private init(in directory: URL) async throws {
        let facts = try await Self.facts(in: directory)
        daemonPID = facts.daemonPID
        container = URLComponents(string: facts.containerURL) ?? URLComponents()
        imds = URLComponents(string: facts.imdsURL) ?? URLComponents()
        authorization = try String(contentsOfFile: facts.tokenFile, encoding: .utf8)
        sampleAnswer = try await Self.curl(
            [
                "-i", "--retry", "20", "--retry-all-errors", "-f", "-H", "Authorization: \(authorization)",
                facts.containerURL,
            ])
        imdsToken = try await Self.curl(
            [
                "-f", "-X", "PUT", "-H", "X-aws-ec2-metadata-token-ttl-seconds: 21600",
                "\(facts.imdsURL)latest/api/token",
            ])
    }

    private static func facts(in directory: URL) async throws -> Facts {
        for _ in 0..<600 {
            if let data = try? Data(contentsOf: directory.appending(path: "sandbox.json")),
                let facts = try? JSONDecoder().decode(Facts.self, from: data)
            {
                return facts
            }
            try await ContinuousClock().sleep(for: .milliseconds(100))
        }
        throw NotReady(what: "stsbroker-sandbox")
    }

    private static func curl(_ arguments: [String]) async throws -> String {
        let result = try await Subprocess.run(
            .name("curl"), arguments: Arguments(["-s", "--noproxy", "*"] + arguments), output: .string(limit: 65536))
        guard result.terminationStatus.isSuccess else { throw NotReady(what: "the daemon") }
        return result.standardOutput
    }
}

/// Something did not come up.
struct NotReady: Error, CustomStringConvertible {
    let what: String

    var description: String { "\(what) is not ready" }
}
