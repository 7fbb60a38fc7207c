import Foundation
import TestSupport
import Testing

/// SDKs and tools that get credentials by code of their own, on the faces that they know, from their first credentials until they
/// have moved to newer ones. The matrix knows what the daemon has served, and checks each signature against it.
@Suite(.timeLimit(.minutes(8))) struct SDKMatrixTests {
    /// One tool on one face.
    private struct Case: Decodable, Hashable, CustomStringConvertible {
        let tool: String
        let face: String

        var description: String { "\(tool), \(face)" }
    }

    private struct Report: Decodable {
        let keys: Int
        let problems: [String]
    }

    @Test func `every tool gets its first credentials and newer ones, as the documentation says`() async throws {
        let script = try PythonEnvironment.script("sdk_matrix/__main__.py", of: #filePath)
        let output = try await RunningSandbox.running(["--lifetime", "60s"]) { sandbox in
            let imds = try #require(sandbox.addresses["imds_url"])
            return try await sandbox.shell("env", "IMDS_URL='\(imds)' python -B '\(script)'")
        }
        let cases = try JSONDecoder().decode([Case].self, from: Data(output.utf8))
        let reports = try JSONDecoder().decode([Report].self, from: Data(output.utf8))
        for (item, report) in zip(cases, reports) {
            #expect(report.problems.isEmpty, "\(item): \(report.problems)")
            #expect(report.keys >= 2, "\(item) has used \(report.keys) keys")
        }
        #expect(Set(cases) == (try Self.documented()))
    }

    /// The rows of the tables whose fourth and fifth columns say which face is tested.
    private static func documented() throws -> Set<Case> {
        let file = PythonEnvironment.root.appending(path: "docs/compatibility.md")
        var cases: Set<Case> = []
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where line.hasPrefix("| ") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 5 else { continue }
            if cells[3] == "yes" { cases.insert(Case(tool: cells[0], face: "container")) }
            if cells[4] == "yes" { cases.insert(Case(tool: cells[0], face: "imds")) }
        }
        return cases
    }
}
