import AccessControl
import Foundation
import PolicyFiles
import StrictYAML
import Testing

@Suite("Policy files")
struct PolicyFileTests {
    private func read(_ files: [String: String]) throws -> CheckedCatalog {
        let folder = FileManager.default.temporaryDirectory.appending(path: "policies-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
        return try PolicyFile.read(path: folder.path())
    }

    private static func policy(_ id: String, extra: String = "") -> String {
        """
        policies:
          - {id: \(id), description: d, account: "111122223333", risk: 10, max_duration: 1h,
             base_role: "arn:aws:iam::111122223333:role/R"\(extra)}

        """
    }

    private func problem(_ files: [String: String]) -> String {
        do {
            _ = try read(files)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test("The files of a directory are read as one, others are passed over")
    func directory() throws {
        let catalog = try read([
            "a.yaml": Self.policy("one"), "b.yaml": Self.policy("two") + "teams: [{id: t, policies: [one, two]}]",
            "notes.txt": "policies: nonsense", ".hidden.yaml": "nonsense",
        ]).catalog
        #expect(catalog.policies.map(\.id) == ["one", "two"])
        #expect(catalog.teams.map(\.id) == ["t"])
    }

    @Test("What is wrong is told with its file, or with the directory where no file alone is wrong")
    func mistakes() {
        #expect(problem(["a.yaml": Self.policy("one"), "b.yaml": "polices: []"]).contains("b.yaml:1:1: "))
        #expect(
            problem(["a.yaml": Self.policy("one"), "b.yaml": Self.policy("one")]).contains("used by an earlier policy"))
        #expect(problem(["a.yaml": "teams: [{id: t, policies: [x]}]"]).contains("names \"x\", which is no policy here"))
        #expect(problem([:]).contains("no file *.yaml"))
    }

    @Test(
        "Settings of a policy are checked where they stand",
        arguments: [
            (", approval: {teams: []}", "approval.teams must name a team"),
            (", approval: {teams: [a b]}", "can't be a team's name"),
            (", approval: {teams: [a], count: 0}", "must be a whole number from 1 to 10"),
            (", approval: {teams: [a], count: two}", "must be a whole number from 1 to 10"),
            (", approval: {teams: [a], expires_after: 1s}", "must be 1m to 30d"),
            (", approval: {teams: [a], quorum: 2}", "unknown key \"quorum\""),
            (", approval: {teams: [a], condition: {StringEqual: {broker:Email: x}}}", "did you mean StringEquals"),
            (", role_max_session: 30m", "role_max_session must be whole seconds from 1h to 12h"),
            (", grant_tag: ''", "grant_tag is empty"),
            (", default_tags: [{Stage: x}], grant_tag: stage", "grant_tag has the keys \"Stage\" and \"stage\""),
            (", requirements: {}", "requirements must require something"),
            (", requirements: {reason: false}", "requirements must require something"),
            (", requirements: {motive: true}", "unknown key \"motive\""),
            (", requirements: {ticket: 'a b'}", "requirements.ticket has the pattern \"a b\""),
            (", requirements: {ticket: []}", "requirements.ticket must have 1 to 16 patterns"),
            (", requirements: {mfa: sure}", "requirements.mfa must be true, or a mapping"),
            (", requirements: {mfa: {within: 1s}}", "requirements.mfa must be 1m to 30d"),
            (", requirements: {mfa: {amr: []}}", "must name a method (amr) or a class (acr)"),
            (", requirements: {networks: [10.0.0.1/8]}", "has host bits"),
            (", requirements: {networks: []}", "must have 1 to 128 networks"),
            (", requirements: {times: [{days: [Mondy]}]}", "did you mean Monday"),
            (", requirements: {times: [{days: [Monday, Monday]}]}", "none twice"),
            (", requirements: {times: [{from: '25:00'}]}", "must be a time of day"),
            (", requirements: {times: [{from: '08:00', to: '08:00'}]}", "must not end where it begins"),
            (
                ", requirements: {times: [{zone: Europe/Berln}]}",
                "times[0] has the zone \"Europe/Berln\", which this machine"
            ),
            (", requirements: {times: [{zone: ../etc/passwd}]}", "write one as Europe/Berlin or UTC"),
            (
                #", inline_policy: '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"{{tag/x}}"}}'"#,
                "has {{tag/x}}, which is no tag"
            ),
            (", condition: {}", "condition"),
            (", condition: []", "policies[0].condition is unusable: has 0 blocks; 1 to 8 are allowed"),
            (", condition: [{}]", "policies[0].condition[0] is unusable: has no operator"),
            (", condition: [[]]", "policies[0].condition[0] must be a mapping, but is a list"),
            (", condition: office", "policies[0].condition must be a mapping, but is a single value"),
            (
                ", automatic: [{Bool: {broker:MfaPresent: true}}, {Bool: {broker:MfaPresent: maybe}}]",
                "policies[0].automatic[1] is unusable: Bool broker:MfaPresent \"maybe\" must be true or false"
            ),
            (
                ", approval: {teams: [a], condition: [{StringEqual: {broker:Email: x}}]}",
                "policies[0].approval.condition[0] is unusable: StringEqual is no operator; did you mean StringEquals"
            ),
            (
                ", condition: [{Bool: {broker:MfaPresent: true}}, {StringEquals: {broker:Requester: x}}]",
                "condition[1] asks for broker:Requester, which is not known there"
            ),
            (", automatic: {StringEquals: {broker:Requester: x}}", "broker:Requester, which is not known there"),
            (", transitive_tags: [stage]", "which is no tag of the policy"),
            (", default_tags: [{stage: x}], transitive_tags: [stage, stage]", "twice"),
            (", inline_policy: nonsense", "must be an IAM policy as JSON text"),
            (#", inline_policy: '{"Version":"2012-10-17","Statement":[]}'"#, "must be an IAM policy as JSON text"),
            (
                #", inline_policy: '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}'"#,
                "inline_policy is not JSON: has a key twice: Effect"
            ),
            (", external_id: x", "ExternalId"),
            (", source_identity: 'no'", "source_identity must be true or false"),
            (", source_identity: [false]", "source_identity must be true or false, but is a list"),
        ])
    func settings(extra: String, mention: String) {
        let text = problem(["a.yaml": Self.policy("one", extra: extra)])
        #expect(text.contains("a.yaml:2:") || text.contains("a.yaml:3:"), "\(text)")
        #expect(text.contains(mention), "\(text)")
    }

    @Test("A policy can have all of them")
    func everything() throws {
        let extra = """
            , default_tags: [{stage: x}], transitive_tags: [stage], external_id: ours-1234, source_identity: false,
             inline_policy: '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}',
             condition: {"Null": {broker:Reason: false}}, automatic: {NumericLessThan: {broker:DurationSeconds: 1800}},
             approval: {teams: [security], count: 2, own_requests: true, expires_after: 30m,
                        condition: {Bool: {broker:MfaPresent: true}}}
            """
        let policy = try #require(try read(["a.yaml": Self.policy("one", extra: extra)]).catalog.policies.first)
        #expect(policy.transitiveTags == ["stage"])
        #expect(policy.externalID == "ours-1234")
        #expect(!policy.setsSourceIdentity)
        #expect(policy.inlinePolicy?.contains("s3:*") == true)
        #expect(policy.approval?.count == 2)
        #expect(policy.approval?.patienceSeconds == 1800)
        #expect(policy.approval?.allowsOwnRequests == true)
    }

    @Test func `leaving the source identity out makes another version, and saying that it is set makes none`() throws {
        func policy(_ extra: String) throws -> AccessPolicy {
            try #require(try read(["a.yaml": Self.policy("one", extra: extra)]).catalog.policies.first)
        }
        let (silent, without) = (try policy(""), try policy(", source_identity: false"))
        let with = try policy(", source_identity: true")
        #expect(silent.setsSourceIdentity && with.setsSourceIdentity && !without.setsSourceIdentity)
        #expect(with.version == silent.version)
        #expect(without.version != silent.version)
    }
}
