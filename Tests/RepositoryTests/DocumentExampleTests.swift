import AccessControl
import Broker
import Foundation
import StrictYAML
import Testing

@testable import PolicyFiles

/// The YAML of documents about policies: each example can be loaded as it stands there.
@Suite struct DocumentExampleTests {
    /// What stands between two fences.
    private struct Example {
        /// Behind the first fence.
        let language: String
        let line: Int
        var text = ""
    }

    private static func text(_ document: String) throws -> String {
        try String(contentsOf: Repository.root.appending(path: document), encoding: .utf8)
    }

    private static func examples(in text: String) -> [Example] {
        var (examples, open): ([Example], Example?) = ([], nil)
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard line.hasPrefix("```") else {
                open?.text += "\(line)\n"
                continue
            }
            if let example = open {
                examples.append(example)
                open = nil
            } else {
                open = Example(language: String(line.dropFirst(3)), line: index + 1)
            }
        }
        return examples
    }

    private struct Issuers: Decodable {
        let issuers: IssuerList
    }

    /// Loads it as what its keys say that it is: policies or teams, settings of issuers, some keys of a policy. All
    /// else must be a condition.
    private static func load(_ text: String) throws {
        var keys: Set<String> = []
        if case .mapping(let pairs) = try StrictYAML.plainValue(of: text, file: "example") {
            keys = Set(pairs.map(\.key))
        }
        let isOf: (Set<String>) -> Bool = { known in !keys.isEmpty && keys.isSubset(of: known) }
        if isOf(["policies", "teams"]) {
            let rest = ["policies", "teams"].filter { !keys.contains($0) }.map { "\($0): []\n" }
            _ = try PolicyFile.decode("\(text)\n" + rest.joined(), file: "example")
        } else if isOf(["issuers"]) {
            _ = try StrictYAML.decode(Issuers.self, from: text, file: "example")
        } else if !keys.isEmpty, keys.allSatisfy({ PolicyKey(stringValue: $0) != nil }) {
            _ = try PolicyFile.decode(policies(of: text, having: keys), file: "example")
        } else {
            _ = try StrictYAML.decode(ConditionBlocks.self, from: text, file: "example")
        }
    }

    /// A file with one policy that has the keys of `text`, and of others what it must have.
    private static func policies(of text: String, having keys: Set<String>) -> String {
        let others = [
            ("id", "example"), ("description", "Shows something"), ("account", "\"111122223333\""),
            ("base_role", "arn:aws:iam::111122223333:role/Example"), ("risk", "10"), ("max_duration", "1h"),
            ("user_tags", "[department]"),
        ]
        let lines = others.filter { !keys.contains($0.0) }.map { "    \($0.0): \($0.1)\n" }
        let own = text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }
        return "policies:\n  -\n" + (lines + own).joined() + "teams: []\n"
    }

    @Test(arguments: [("docs/conditions.md", 5), ("docs/policies.md", 3)])
    func `each example can be loaded`(document: String, least: Int) throws {
        let text = try Self.text(document)
        let examples = Self.examples(in: text)
        #expect(examples.count >= least)
        // None is left out: all are at the margin, closed, and YAML.
        #expect(text.ranges(of: "```").count == 2 * examples.count)
        #expect(examples.allSatisfy { $0.language == "yaml" })
        for example in examples {
            #expect(throws: Never.self, "\(document):\(example.line)") { try Self.load(example.text) }
        }
    }

    @Test(arguments: [
        "condition:\n  StringEqual: {broker:Email: a}", "Condition:\n  StringEquals: {broker:Email: a}",
        "- StringEquals: {broker:Mail: a}", "- id: reader", "policies:\n  - id: reader",
        "teams: [{id: a, policies: [b]}]", "requirements: {tickets: a}", "inline_policy: none", "issuers: []", "text",
        "",
    ])
    func `an example that can't be loaded is found`(text: String) {
        #expect(throws: InvalidYAML.self) { try Self.load(text) }
    }

    /// From noon of Wednesday, 2 January 2030.
    @Test(arguments: [
        ("Wednesday noon", 0, 60, false), ("Wednesday 19:59", 28_740, 60, false),
        ("Wednesday 20:00", 28_800, 60, true), ("Thursday 00:00", 43_200, 60, true),
        ("Thursday 05:59", 64_740, 60, true), ("Thursday 06:00", 64_800, 60, false),
        ("Saturday noon", 259_200, 60, true), ("Saturday noon, an hour after the sign-in", 259_200, 3600, false),
    ])
    func `the example for nights and weekends holds at night and at weekends`(
        moment: String, seconds: Int, factorAge: Int, holds: Bool
    ) throws {
        let examples = Self.examples(in: try Self.text("docs/conditions.md"))
        let example = try #require(examples.first { $0.text.contains("[Saturday, Sunday]") })
        let blocks = try StrictYAML.decode(ConditionBlocks.self, from: example.text, file: "example")
        var context = ConditionContext()
        context.teams = ["on-call"]
        context.mfaAge = .seconds(factorAge)
        context.now = Date(timeIntervalSince1970: Double(1_893_585_600 + seconds))
        #expect(blocks.verdict(in: context).permits == holds, "\(moment): \(blocks.trace(in: context))")
    }
}
