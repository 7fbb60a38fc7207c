import Foundation
import Subprocess
import TestSupport
import Testing

/// The recipes that people copy.
@Suite struct RecipeTests {
    @Test func `cfn-lint finds nothing in the CloudFormation templates`() async throws {
        let root = PythonEnvironment.root
        let folder = root.appending(path: "config/aws")
        let templates = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".yaml")
        }
        #expect(templates.count == 4)
        let result = try await Subprocess.run(
            .name("env"),
            arguments: Arguments(
                [root.appending(path: ".venv/bin/cfn-lint").path] + templates.map { folder.appending(path: $0).path }),
            input: .none,
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        #expect(result.terminationStatus.isSuccess, "\(result.standardOutput)\(result.standardError)")
    }
}
