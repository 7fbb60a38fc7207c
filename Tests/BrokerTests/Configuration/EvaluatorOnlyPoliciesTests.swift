import AccessControl
import Foundation
import HTTPTypes
import PolicyFiles
import Testing

@testable import Broker

/// Policies for which nobody decides where the evaluator wants a person.
@Suite struct EvaluatorOnlyPoliciesTests {
    private static func entry(_ id: String, also more: String = "") -> String {
        "  - {id: \(id), description: d, account: \"111122223333\", "
            + "base_role: \"arn:aws:iam::111122223333:role/R\", risk: 10, max_duration: 1h\(more)}\n"
    }

    private static func file(_ entries: [String]) -> String {
        "policies:\n" + entries.joined() + "teams: [{id: developers, policies: []}]\n"
    }

    private static func ids(_ count: Int) -> [String] { (0..<count).map { "p\(1000 + $0)" } }

    /// A folder with a server's configuration, which has an evaluator, and these policies; gone at the end.
    private static func withConfiguration<Value>(
        policies: String, _ body: (String) async throws -> Value
    ) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "evaluator-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let key = folder.appending(path: "key").path()
        try "secret\n".write(toFile: key, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        let section = "\nevaluator: {url: \"https://evaluator.example\", key_file: key}\n"
        try Data((ConfigurationTests.valid + section).utf8).write(to: folder.appending(path: "server.yaml"))
        try Data(policies.utf8).write(to: folder.appending(path: "policies.yaml"))
        return try await body(folder.path() + "/")
    }

    @Test func `those without people are named, the first ten of them`() throws {
        let people = [
            Self.entry("asks", also: ", approval: {teams: [security]}"),
            Self.entry("knows", also: ", automatic: {NumericLessThan: {broker:DurationSeconds: 1800}}"),
        ]
        func warning(_ ids: [String]) throws -> String? {
            let text = Self.file(people + ids.map { Self.entry($0) })
            return EvaluatorOnlyPolicies(try PolicyFile.decode(text, file: "p").catalog.policies).warning
        }
        #expect(try warning([]) == nil)
        let some = try #require(try warning(Self.ids(2)))
        #expect(some.hasPrefix("without approval: \"p1000\", \"p1001\"; "), "\(some)")
        #expect(!some.contains("asks") && !some.contains("knows") && !some.contains("more"), "\(some)")
        let many = try #require(try warning(Self.ids(12)))
        #expect(many.contains("\"p1009\" and 2 more;") && !many.contains("p1010"), "\(many)")
    }

    @Test func `the check of the configuration names them if there is an evaluator`() async throws {
        let warnings = try await Self.withConfiguration(policies: ConfigurationTests.policies) { folder in
            try LoadedConfiguration(path: folder + "server.yaml", environment: [:]).warnings
        }
        #expect(warnings.count == 1 && warnings.first?.contains("\"reader\"") == true, "\(warnings)")
    }

    @Test func `all that are stored are looked at, and what is broken there is left out`() async throws {
        let broker = try await BrokerUnderTest(policies: Self.file(Self.ids(405).map { Self.entry($0) }))
        try broker.tamper("UPDATE policies SET document = json_remove(document, '$.risk') WHERE id = 'p1001'")
        let warning = try #require(try await EvaluatorOnlyPolicies(in: broker.records.base).warning)
        #expect(warning.contains("\"p1000\", \"p1002\"") && warning.contains("and 394 more"), "\(warning)")
    }

    @Test(arguments: [true, false])
    func `a reload says so in one line, beside an evaluator`(hasEvaluator: Bool) async throws {
        let broker = try await BrokerUnderTest()
        let policies = Self.file(Self.ids(12).map { Self.entry($0) })
        let status = try await Self.withConfiguration(policies: policies) { folder in
            await PolicyReload(
                path: folder + "policies.yaml", routing: .nobody, mode: .assumeRole, hasEvaluator: hasEvaluator,
                records: broker.records.base, logger: broker.logger, now: { [clock = broker.clock] in clock.now }
            ).reload()
        }
        #expect(status == "Policies reloaded")
        let lines = broker.log.text.split(separator: "\n").filter { $0.contains("policies may fail") }
        #expect(lines.count == (hasEvaluator ? 1 : 0), "\(lines)")
        #expect(lines.allSatisfy { $0.hasPrefix("warning") && $0.contains("p1009") && $0.contains("2 more") })
    }

    @Test(arguments: [true, false])
    func `whoever writes one is told, beside an evaluator`(hasEvaluator: Bool) async throws {
        let broker = try await BrokerUnderTest(
            evaluator: hasEvaluator ? SilentEvaluator() : nil, isGovernedByAPI: true)
        let headers: HTTPFields = [
            .authorization: "Bearer \(FakeTokens.guardian)", .ifNoneMatch: "*", .contentType: "application/json",
        ]
        func written(_ id: String, also more: String = "") async throws -> [String] {
            let body = """
                {"id":"\(id)","description":"d","account":"111122223333",
                "base_role":"arn:aws:iam::111122223333:role/R","risk":10,"max_duration":"1h"\(more)}
                """
            let answer = try await broker.send(
                .put, "/v1/admin/policies/\(id)", headers: headers, body: Array(body.utf8))
            #expect(answer.status == 201, "\(answer.body)")
            return answer.json["warnings"] as? [String] ?? []
        }
        #expect(try await written("asks", also: #","approval":{"teams":["security"],"notify":["desk"]}"#).isEmpty)
        let warnings = try await written("alone")
        #expect(warnings.count == (hasEvaluator ? 1 : 0), "\(warnings)")
        #expect(warnings.allSatisfy { $0.contains("\"alone\"") })
    }
}

/// Gives no answer.
private struct SilentEvaluator: RequestEvaluating {
    func evaluation(
        of request: AccessRequest, under policy: AccessPolicy, team: Team, channel: RequesterChannel?
    ) async -> ExternalEvaluation {
        .unanswered
    }
}
