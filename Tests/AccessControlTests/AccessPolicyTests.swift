import AccessControl
import Credentials
import FoundationEssentials
import Testing

@Suite("AccessPolicy")
struct AccessPolicyTests {
    @Test(
        "A policy that breaks a rule cannot be made, and the field is named",
        arguments: [
            Broken(field: "id") { try Sample.policy(id: "") },
            Broken(field: "id") { try Sample.policy(id: "a\u{0}b") },
            Broken(field: "id") { try Sample.policy(id: " a") },
            Broken(field: "id") { try Sample.policy(id: String(repeating: "a", count: 129)) },
            Broken(field: "account") { try Sample.policy(account: "999999999999") },
            Broken(field: "managed_policies") { try Sample.policy(managed: (0...10).map { "arn:\($0)" }) },
            Broken(field: "managed_policies") { try Sample.policy(managed: ["a", "a"]) },
            Broken(field: "user_tags") { try Sample.policy(userTags: [""]) },
            Broken(field: "user_tags") { try Sample.policy(userTags: ["team", "Team"]) },
            Broken(field: "default_tags") { try Sample.policy(defaultTags: [PolicyTag(key: "", value: "x")]) },
            Broken(field: "default_tags") {
                try Sample.policy(defaultTags: [PolicyTag(key: "DEPARTMENT", value: "x")])
            },
            Broken(field: "max_duration") { try Sample.policy(maximum: .seconds(899)) },
            Broken(field: "max_duration") { try Sample.policy(maximum: .seconds(43_201)) },
            Broken(field: "max_duration") { try Sample.policy(maximum: .milliseconds(900_500)) },
        ])
    func refusesWhatIsBroken(_ broken: Broken) throws {
        let error = #expect(throws: InvalidCatalog.self) { _ = try broken.make() }
        #expect(error?.field == broken.field)
    }

    struct Broken: Sendable {
        let field: String
        let make: @Sendable () throws -> AccessPolicy
    }

    @Test("Defect A4: a risk outside 1 to 100 is no risk", arguments: [Int.min, -1, 0, 101, 1000, Int.max])
    func riskHasBounds(_ value: Int) {
        #expect(Risk(value) == nil)
    }

    @Test("Risk up to 50 is automatic", arguments: [(1, true), (50, true), (51, false), (100, false)])
    func automaticRisk(value: Int, isAutomatic: Bool) throws {
        #expect(try #require(Risk(value)).isAutomatic == isAutomatic)
    }

    @Test("Equal content has an equal version, and any change has another")
    func versions() throws {
        let version = try Sample.policy().version
        #expect(try Sample.policy().version == version)
        #expect(version.description.utf8.count == 64)
        let changed = [
            try Sample.policy(id: "other"), try Sample.policy(risk: 11), try Sample.policy(userTags: []),
            try Sample.policy(defaultTags: []), try Sample.policy(maximum: .seconds(900)),
            try Sample.policy(description: "writes"),
            try Sample.policy(managed: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
            try Sample.policy(sourceIdentity: false),
        ]
        #expect(Set(changed.map(\.version)).union([version]).count == changed.count + 1)
    }

    @Test("A stored document reads back as the same policy")
    func documentRoundTrip() throws {
        for policy in [try Sample.policy(), try Sample.policy(sourceIdentity: false)] {
            #expect(try AccessPolicy(document: try policy.document()) == policy)
        }
    }

    @Test func `a stored document that says nothing of the source identity sets it, and keeps its version`() throws {
        let text = #"""
            {"account":"111122223333","base_role":"arn:aws:iam::111122223333:role/Reader","default_tags":[],
            "description":"reads","managed_policies":[],"max_duration_seconds":3600,"policy_id":"reader","risk":10,
            "user_tags":[]}
            """#.replacing("\n", with: "")
        let policy = try AccessPolicy(document: Data(text.utf8))
        #expect(policy.setsSourceIdentity)
        #expect(try String(decoding: policy.document(), as: UTF8.self) == text)
        // As sha256sum gives it.
        #expect(policy.version.description == "e7148fc87c1708803d9a08208b6a49cea156e987a8cac03f1e9f045f6dd4abc3")
    }

    @Test(
        "Defect A4, B4: a stored document without a usable risk or base role is no policy",
        arguments: [
            (#""risk":10,"#, ""), (#""risk":10"#, #""risk":"low""#), (#""risk":10"#, #""risk":null"#),
            (#""risk":10"#, #""risk":0"#), (#""risk":10"#, #""risk":101"#), (#""risk":10"#, #""risk":1.5"#),
            (#""base_role":"arn:aws:iam::111122223333:role/Reader","#, ""),
            (#""base_role":"arn:aws:iam::111122223333:role/Reader""#, #""base_role":null"#),
            (#""base_role":"arn:aws:iam::111122223333:role/Reader""#, #""base_role":"Reader""#),
        ])
    func brokenDocuments(part: String, replacement: String) throws {
        let document = String(decoding: try Sample.policy().document(), as: UTF8.self)
        let broken = document.replacing(part, with: replacement)
        #expect(broken != document)
        #expect(throws: InvalidCatalog.self) { _ = try AccessPolicy(document: Data(broken.utf8)) }
    }

    @Test("A catalog refuses repeated ids and teams that name no policy")
    func catalog() throws {
        let policy = try Sample.policy()
        #expect(throws: InvalidCatalog.self) { _ = try PolicyCatalog(policies: [policy, policy], teams: []) }
        let team = try Team(id: "developers", policies: ["reader"])
        #expect(throws: InvalidCatalog.self) { _ = try PolicyCatalog(policies: [policy], teams: [team, team]) }
        #expect(throws: InvalidCatalog.self) { _ = try PolicyCatalog(policies: [], teams: [team]) }
        #expect(try PolicyCatalog(policies: [policy], teams: [team]).teams == [team])
    }

    @Test(
        "Defect B2: a team's name can come out of a claim",
        arguments: ["", "a b", "a,b", "[a]", "\"a\"", "'a'", "a\u{7}"])
    func teamNames(_ name: String) {
        #expect(throws: InvalidCatalog.self) { _ = try Team(id: name, policies: []) }
    }
}
