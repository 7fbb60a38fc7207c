import Foundation
import Testing

/// The defects of the original system: each has a test with its number, and `docs/original.md` names it.
@Suite struct DefectListTests {
    private static let defects = (1...11).map { "A\($0)" } + (1...13).map { "B\($0)" }

    /// The numbers in the name of a test that begins with "Defect" or "Defects".
    private static func numbers(in name: String) -> [String] {
        guard let match = name.firstMatch(of: /^[Dd]efects? ((?:[AB]\d+(?:, )?)+):/) else { return [] }
        return match.1.split(separator: ", ").map(String.init)
    }

    /// The names of all tests, as they stand in the sources.
    private static func tests() throws -> [String] {
        try Repository.swiftFiles(in: "Tests").flatMap { file in
            file.text.matches(of: /func\s+`([^`]+)`/).map { String($0.1) }
                + file.text.matches(of: /@Test\(\s*"([^"]+)"/).map { String($0.1) }
        }
    }

    @Test func `each defect has a test with its number`() throws {
        let shown = Set(try Self.tests().flatMap(Self.numbers))
        #expect(Set(Self.defects).subtracting(shown).isEmpty, "without a test")
        #expect(shown.subtracting(Self.defects).isEmpty, "no such defect")
    }

    @Test func `the table of defects names each, and tests that there are`() throws {
        let document = try String(
            contentsOf: Repository.root.appending(path: "docs/original.md"), encoding: .utf8)
        let rows = document.matches(of: /\n\| ([AB]\d+) \|[^|]*\|([^|]*)\|/).map { (String($0.1), String($0.2)) }
        #expect(rows.map(\.0) == Self.defects)
        let tests = Set(try Self.tests())
        for (defect, cell) in rows {
            let named = cell.matches(of: /`([^`]+)`/).map { String($0.1) }
            #expect(!named.isEmpty, "\(defect)")
            for name in named { #expect(tests.contains(where: { $0.hasPrefix(name) }), "\(defect): \(name)") }
        }
    }

    @Test func `defect B12: what a newcomer is told to run is what decides whether a change may land`() throws {
        func text(_ path: String) throws -> String {
            try String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)
        }
        let (steps, makefile) = (try text(".ci/run"), try text("Makefile"))
        for target in ["lint", "test"] {
            #expect(steps.contains("make \(target)") && makefile.contains("\n\(target):"))
        }
        #expect(try text("README.md").contains("make test"))
        #expect(!steps.contains("|| true") && steps.contains("set -euo pipefail"))
    }

    @Test func `defect B13: each test can fail`() throws {
        for file in try Repository.swiftFiles(in: "Tests") {
            let unjudged = TestBodies(file.text).unjudged
            #expect(unjudged.isEmpty, "\(file.path) has tests that judge nothing")
        }
    }

    @Test func `a test is judged by its own body and by the helpers that it calls`() {
        // Not at the beginning of a line, where it would be one of this file.
        let mark = "@Test"
        let text = """
            @Suite struct Sample {
                \(mark) func direct() { #expect(true) }

                \(mark) func indirect() throws {
                    try first()
                }

                \(mark)(arguments: [1, 2])
                func silent(number: Int) {
                    // #expect(number == 1)
                    second(number)
                }

                private func first() throws { try third() }

                private func second(_ number: Int) {}

                private func third() throws { _ = try #require(Int("1")) }
            }
            """
        let unjudged = TestBodies(text).unjudged
        #expect(unjudged.count == 1 && unjudged.allSatisfy { $0.contains("silent") }, "\(unjudged)")
    }
}
