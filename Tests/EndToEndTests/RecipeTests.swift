import Foundation
import Subprocess
import TestSupport
import Testing

/// The recipes that people copy.
@Suite(.timeLimit(.minutes(5))) struct RecipeTests {
    @Test func `cfn-lint finds nothing in the CloudFormation templates`() async throws {
        let folder = PythonEnvironment.root.appending(path: "config/aws")
        let templates = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".yaml") }.map { "aws/\($0)" }
        #expect(templates.count == 4)
        try await expectNothing(from: "cfn-lint", about: templates + ["container/ecs-task.yaml"])
    }

    @Test func `hadolint finds nothing in the Dockerfile`() async throws {
        try await expectNothing(from: "hadolint", about: ["container/Dockerfile"])
    }

    @Test func `the sidecar for Kubernetes is as its own schemas want it`() async throws {
        try await expectNothing(from: "kubernetes-validate", ["--strict"], about: ["kubernetes/sidecar.yaml"])
    }

    @Test func `the Compose files are as their specification wants them`() async throws {
        let script = try PythonEnvironment.script("container_recipes.py", of: #filePath)
        try await expectNothing(from: "python", ["-B", script], about: [])
    }

    @Test func `the configuration for a workstation's containers can be used`() async throws {
        let file = PythonEnvironment.root.appending(path: "config/container/workstation-stsbrokerd.yaml").path
        let outcome = try await Executable(name: "stsbrokerd").run(["--check-config", "--config", file])
        #expect(outcome.status == 0, "\(outcome.problems)")
    }

    /// Runs a judge of those files in config/.
    private func expectNothing(from judge: String, _ options: [String] = [], about files: [String]) async throws {
        let root = PythonEnvironment.root
        let paths = files.map { root.appending(path: "config/\($0)").path }
        let result = try await Subprocess.run(
            .name("env"),
            arguments: Arguments([root.appending(path: ".venv/bin/\(judge)").path] + options + paths),
            input: .none,
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        #expect(result.terminationStatus.isSuccess, "\(result.standardOutput)\(result.standardError)")
    }
}
