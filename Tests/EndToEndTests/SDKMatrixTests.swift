import Foundation
import TestSupport
import Testing

/// What else there is that fetches credentials by itself, as far as Debian and PyPI have it: `docs/compatibility.md` lists it.
/// `Python/sdk_matrix` runs it, and verifies at the service which credentials its requests are signed with.
@Suite(.timeLimit(.minutes(8))) struct SDKMatrixTests {
    /// One tool on one face.
    private struct Report: Decodable {
        let tool: String
        let face: String
        /// How many access keys signed its requests.
        let keys: Int
        let problems: [String]

        var name: String { "\(tool), \(face)" }
    }

    @Test func `each tool uses the daemon's credentials, then newer ones, and the documentation lists these tools`()
        async throws
    {
        let reports = try await Self.reports()
        for report in reports {
            #expect(report.problems.isEmpty && report.keys >= 2, "\(report.name): \(report.problems)")
        }
        #expect(try Self.documented() == reports.map(\.name).sorted())
    }

    @Test func `the documentation names the pinned versions`() throws {
        let clients = try Self.text("Tests/requirements.txt").split(separator: "\n")
            .prefix { !$0.hasPrefix("# Not clients") }
        let pins = clients.filter { $0.contains("==") }
        #expect(pins.count > 10)
        let document = try Self.text("docs/compatibility.md")
        for pin in pins where !pin.hasPrefix("moto") {
            let version = pin.replacing("==", with: " ")
            #expect(document.contains(version), "docs/compatibility.md does not say \(version)")
        }
    }

    private static func reports() async throws -> [Report] {
        let folder = try URL(filePath: PythonEnvironment.script("sdk_matrix/__main__.py", of: #filePath))
            .deletingLastPathComponent().path
        let json = try await RunningSandbox.running(["--lifetime", "60s"]) { sandbox in
            let metadata = try #require(sandbox.addresses["imds_url"])
            return try await sandbox.shell("env", "IMDS_URL='\(metadata)' python -B '\(folder)'")
        }
        return try JSONDecoder().decode([Report].self, from: Data(json.utf8))
    }

    /// The first cell of each row of the two tables, with the table's face.
    private static func documented() throws -> [String] {
        let faces = ["## Container credentials": "container", "## Instance metadata service": "imds"]
        var section: String?
        var rows: [String] = []
        for line in try text("docs/compatibility.md").split(separator: "\n") {
            if line.hasPrefix("## ") { section = faces[String(line)] }
            if let face = section, line.hasPrefix("| "), !line.hasPrefix("| tool ") {
                rows.append("\(line.split(separator: "|")[0].trimmingCharacters(in: .whitespaces)), \(face)")
            }
        }
        return rows.sorted()
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: PythonEnvironment.root.appending(path: path), encoding: .utf8)
    }
}
