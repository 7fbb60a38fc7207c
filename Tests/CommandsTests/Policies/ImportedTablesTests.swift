import AccessControl
import StrictYAML
import Testing

@testable import Commands

/// The original's tables, in every form in which they come.
@Suite struct ImportedTablesTests {
    private static let policy = #"""
        {"policy_id": "admin", "account": "111122223333", "base_role": "arn:aws:iam::111122223333:role/Admin",
        "default_tags": [{"stage": "prod"}, {"a": "b"}], "user_tags": ["department"], "description": "says \"hi\"", "risk": 80,
        "managed_policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"], "preferred_channel": "slack",
        "admin_email": "boss@example.com", "slack_webhook_url": "https://hooks.slack.com/services/SECRET"}
        """#
    private static let typed = #"""
        {"policy_id": {"S": "admin"}, "account": {"S": "111122223333"},
        "base_role": {"S": "arn:aws:iam::111122223333:role/Admin"},
        "default_tags": {"L": [{"M": {"stage": {"S": "prod"}}}, {"M": {"a": {"S": "b"}}}]}, "user_tags": {"SS": ["department"]},
        "description": {"S": "says \"hi\""}, "risk": {"N": "80"},
        "managed_policies": {"L": [{"S": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]}, "preferred_channel": {"S": "slack"},
        "admin_email": {"S": "boss@example.com"}, "slack_webhook_url": {"S": "https://hooks.slack.com/services/SECRET"}}
        """#
    private static let yaml = """
        - policy_id: admin
          account: "111122223333"
          base_role: arn:aws:iam::111122223333:role/Admin
          default_tags: [{stage: prod}, {a: b}]
          user_tags: [department]
          description: says "hi"
          risk: 80
          managed_policies: [arn:aws:iam::aws:policy/ReadOnlyAccess]
          preferred_channel: slack
          admin_email: boss@example.com
          slack_webhook_url: https://hooks.slack.com/services/SECRET
        """
    private static func oneLine(_ text: String) -> String { text.replacing("\n", with: " ") }

    private func tables(
        _ policies: String, teams: String = "[]", approvers: [String] = ["security"]
    ) throws -> ImportedTables {
        try ImportedTables(
            policies: OriginalRecords.read(Array(policies.utf8), file: "policies"),
            teams: OriginalRecords.read(Array(teams.utf8), file: "teams"), longest: .seconds(3600),
            approvers: approvers)
    }

    private func faults(_ policies: String, teams: String = "[]") -> [String] {
        do {
            _ = try tables(policies, teams: teams)
            return []
        } catch let error as ImportFaults {
            return error.faults.map(\.what)
        } catch let error as ImportFault {
            return [error.what]
        } catch {
            return ["\(error)"]
        }
    }

    @Test(arguments: [
        policy, "[\(policy)]", oneLine(policy),
        oneLine(policy) + "\n" + oneLine(policy.replacing("admin\"", with: "b\"")),
        typed, #"{"Items": [\#(typed)], "Count": 1, "ScannedCount": 1, "ConsumedCapacity": null}"#,
        #"{"Items": [\#(policy)]}"#, #"{"Item": \#(oneLine(typed))}"#,
        #"{"Item":\#(oneLine(typed))}\#n\#n{"Item":\#(oneLine(typed).replacing("\"admin\"", with: "\"b\""))}\#n"#, yaml,
    ])
    func `each form gives the same policy`(text: String) throws {
        let policy = try #require(try tables(text).catalog.policies.first)
        #expect(policy.id == "admin" && policy.description == "says \"hi\"" && policy.risk.value == 80)
        #expect(policy.userTags == ["department"])
        #expect(policy.defaultTags == [PolicyTag(key: "stage", value: "prod"), PolicyTag(key: "a", value: "b")])
        #expect(policy.managedPolicies == ["arn:aws:iam::aws:policy/ReadOnlyAccess"])
        #expect(policy.maximumDuration == .seconds(3600))
        #expect(policy.approval?.teams == ["security"])
    }

    @Test func `what has no place is told, and no secret with it`() throws {
        let odd = Self.policy.replacing(#""risk": 80"#, with: #""risk": 80, "owner": "me""#)
        let notes = try tables(odd, approvers: []).notes.joined(separator: "\n")
        for part in [
            "slack_webhook_url is a secret", "admin_email \"boss@example.com\"", "preferred_channel \"slack\"",
            "\"owner\"",
            "each request is refused",
        ] {
            #expect(notes.contains(part), "\(part)")
        }
        #expect(!notes.contains("SECRET") && !notes.contains("hooks.slack.com"))
        #expect(try !tables(odd).yaml.contains("hooks.slack.com"))
        #expect(try tables(odd).notes.count == 4)
    }

    @Test(
        "Defect A4: a policy whose risk is missing or no number is refused by name",
        arguments: [
            ("", "risk is missing"), (#""risk": null,"#, "risk is missing"), (#""risk": "","#, "risk is missing"),
            (#""risk": "low","#, "not \"low\""), (#""risk": 0,"#, "not \"0\""), (#""risk": 101,"#, "not \"101\""),
            (#""risk": 50.5,"#, "not \"50.5\""), (#""risk": "NaN","#, "not \"NaN\""),
            (#""risk": true,"#, "not \"true\""),
            (#""risk": [1],"#, "risk must be a text"),
        ])
    func risk(part: String, mention: String) {
        let found = faults(Self.policy.replacing(#""risk": 80,"#, with: part))
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix("policy \"admin\": ") == true && found.first?.contains(mention) == true, "\(found)")
    }

    @Test(arguments: [
        (#""policy_id": "admin", "#, "", "policy_id is missing"),
        (#""account": "111122223333""#, #""account": 1111"#, "account"),
        (#""account": "111122223333", "#, "", "account is missing"),
        (":role/Admin", "", "base_role is no role"), (#"["department"]"#, #""department""#, "user_tags must be a list"),
        (#"{"stage": "prod"}"#, #""stage""#, "default_tags must be a list of objects"),
        (#"{"stage": "prod"}"#, #"{"stage": ["prod"]}"#, "no text as the value of \"stage\""),
        (#"{"stage": "prod"}"#, #"{"A": "prod"}"#, "without regard to case"),
        (#"{"stage": "prod"}"#, #"{"stage": "pr\"od"}"#, "breaks a limit of AWS"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "x", "PolicyArns"),
    ])
    func `what can't be used is refused by name`(part: String, other: String, mention: String) {
        let text = Self.policy.replacing(part, with: other)
        #expect(text != Self.policy)
        let found = faults(text)
        #expect(found.count == 1 && found.first?.contains(mention) == true, "\(found)")
    }

    @Test(arguments: ["[1]", "{", "- [", #"[{"policy_id": {"S": {"N": "1"}}}]"#, "\u{0}", #"{"Items": [["x"]]}"#, ""])
    func `what is no table is refused`(text: String) {
        #expect(faults(text).count == 1, "\(text)")
    }

    @Test func `teams keep their policies, and what they said of them is told`() throws {
        let teams = #"""
            {"Items": [{"team_id": {"S": "ops"}, "policies": {"L": [{"M": {"id": {"S": "admin"}, "description": {"S": "all"}}}]}}]}
            """#
        let tables = try tables(Self.policy, teams: teams)
        #expect(tables.catalog.teams == [try Team(id: "ops", policies: ["admin"])])
        #expect(tables.notes.contains { $0.contains("team \"ops\"") && $0.contains("\"all\"") })
        let unknown = faults(Self.policy, teams: teams.replacing(#""id": {"S": "admin"}"#, with: #""id": {"S": "x"}"#))
        #expect(unknown.first?.contains("\"x\"") == true)
        #expect(
            faults(Self.policy, teams: teams.replacing("ops", with: "two words")).first?.contains("two words") == true)
    }

    @Test func `all that is wrong is told at once`() {
        let other = Self.policy.replacing("80", with: "0").replacing("admin\"", with: "b\"")
        #expect(faults("[\(Self.policy.replacing("80", with: "900")), \(other)]").count == 2)
    }

    @Test func `the file says what the tables said`() throws {
        let teams = #"[{"team_id": "ops", "policies": [{"id": "admin"}]}]"#
        #expect(
            try tables(Self.policy, teams: teams).yaml == #"""
                policies:
                  - id: "admin"
                    description: "says \"hi\""
                    account: "111122223333"
                    base_role: "arn:aws:iam::111122223333:role/Admin"
                    risk: 80
                    max_duration: 3600s
                    managed_policies: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
                    user_tags: ["department"]
                    default_tags: [{"stage":"prod"},{"a":"b"}]
                    approval: {teams: ["security"]}
                teams:
                  - id: "ops"
                    policies: ["admin"]
                """#)
        #expect(try tables("[]").yaml == "policies: []\nteams: []")
    }
}
