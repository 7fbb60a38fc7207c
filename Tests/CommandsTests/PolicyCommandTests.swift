import AccessControl
import ArgumentParser
import BrokerAPI
import Credentials
import Foundation
import PolicyFiles
import Testing

@testable import Commands

@Suite struct PolicyCommandTests {
    private static let config = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "config")

    @Test func `Results are printed as TAP, and nobody's name of a case is a directive`() throws {
        var results = try PolicyCases.run(path: Self.config.appending(path: "policy-cases.yaml").path())
        results[1].passed = false
        results[1].name = "odd # SKIP\nok 9"
        results[1].differences = ["expected allow, but it is deny"]
        let lines = PolicyTestCommand.tap(results)
        #expect(lines[0] == "TAP version 14")
        #expect(lines[1] == "1..\(results.count)")
        #expect(lines[2].hasPrefix("ok 1 - developers"))
        #expect(lines[3] == "not ok 2 - odd \\# SKIP\u{FFFD}ok 9")
        #expect(lines[4] == "# expected allow, but it is deny")
        #expect(lines.count(where: { $0.hasPrefix("ok ") }) == results.count - 1)
    }

    private func explained(_ arguments: [String]) throws -> PolicyExplainCommand {
        let fixed = ["policy", "explain", "--policies", Self.config.appending(path: "policies.yaml").path()]
        return try #require(try StsbrokerCommand.parseAsRoot(fixed + arguments) as? PolicyExplainCommand)
    }

    @Test func `An explanation names each rule, what it says and why`() throws {
        let catalog = try PolicyFile.read(path: Self.config.appending(path: "policies.yaml").path()).catalog
        let principal = Principal(
            id: PrincipalID(issuer: "https://idp.example", subject: "a"), userName: "a", teams: ["developers"],
            claims: ["custom:department": "research", "custom:cost-center": "1"])
        let request = AccessRequest(
            id: .random(), principal: principal, policyID: "sandbox-developer", duration: nil, reason: nil,
            receivedAt: Date(timeIntervalSince1970: 1_800_000_000))
        let text = PolicyExplainCommand.text(SupposedRequest(request, chainsRoles: false).explanation(under: catalog))
        #expect(text.hasPrefix("sandbox-developer: allow\n"))
        #expect(text.contains("team_membership") && text.contains("team \"developers\" may request"))
        #expect(text.contains("department   research  claim:custom:department"))
        #expect(text.contains("For 1h, of 1h at most."))
    }

    @Test(arguments: [
        ["--policy", "p"], ["--policy", "p", "--user", "a", "--at", "noon"],
        ["--policy", "p", "--user", "a", "--claim", "x"], ["--policy", "p", "--claim-json", "x=1"],
        ["--policy", "p", "--user", "a", "--source", "here"], ["--policy", "p", "--team", "t"], ["--user", "a"],
        ["--policy", "p", "--user", "a", "--tag-claim", "x"], ["--policy", "p", "--tag-claim", "x=y"],
    ])
    func `What can't be judged is a wrong argument`(arguments: [String]) {
        #expect(throws: (any Error).self) { try explained(arguments) }
    }

    @Test func `The facts of a person come from the options`() throws {
        let command = try explained([
            "--policy", "p", "--user", "alice", "--team", "a", "--team", "b", "--claim", "custom:x=1=2", "--amr", "mfa",
            "--source", "192.0.2.7",
        ])
        let principal = command.person.principal
        #expect(principal.userName == "alice")
        #expect(principal.teams == ["a", "b"])
        #expect(principal.claims == ["custom:x": "1=2"])
        #expect(principal.usedSeveralFactors == true)
        #expect(principal.source.address == SourceAddress("192.0.2.7"))
    }

    @Test func `Claims are of any kind, for the files and for the broker`() throws {
        let command = try explained([
            "--policy", "p", "--user", "alice", "--claim", "groups=ops", "--claim", "level=3",
            "--claim", "groups=staff", "--claim-json", "suspended=true", "--claim-json", #"roles=["a"]"#,
            "--claim-json", "none=[]",
        ])
        let principal = command.person.principal
        #expect(principal.claims == ["level": "3"])
        #expect(principal.claimLists == ["groups": ["ops", "staff"], "roles": ["a"], "none": []])
        #expect(principal.otherClaims == ["suspended": .bool(true)])
        let claims: [String: ClaimValue] = [
            "level": .string("3"), "groups": .array([.string("ops"), .string("staff")]), "suspended": .bool(true),
            "roles": .array([.string("a")]), "none": .array([]),
        ]
        #expect(command.call.claims == claims)
        #expect(try explained(["--policy", "p", "--user", "alice"]).call.claims == nil)
    }

    @Test(
        arguments: [
            (["department=dept", "cost-center=custom:cost-center"], "allow"),
            // What isn't mapped can't be had, and without any mapping it is custom:NAME.
            (["department=dept"], "deny"), ([], "deny"),
        ] as [([String], String)])
    func `Tags come from the claims that --tag-claim names, as the issuer's configuration names them to the broker`(
        mapping: [String], outcome: String
    ) throws {
        let person = ["--user", "a", "--team", "developers", "--claim", "dept=research"]
        let arguments = person + ["--claim", "custom:cost-center=1"] + mapping.flatMap { ["--tag-claim", $0] }
        let command = try explained(["--policy", "sandbox-developer"] + arguments)
        let catalog = try PolicyFile.read(path: Self.config.appending(path: "policies.yaml").path()).catalog
        let request = AccessRequest(
            id: .random(), principal: command.person.principal, policyID: command.policy, duration: nil, reason: nil,
            receivedAt: Date(timeIntervalSince1970: 1_800_000_000))
        let explanation = SupposedRequest(request, chainsRoles: false).explanation(under: catalog)
        #expect(explanation.outcome.rawValue == outcome, "\(explanation)")
        let refusing = explanation.rules.filter { $0.verdict == "forbids" }.map(\.rule)
        let sources = explanation.tags?.compactMap { $0.source?.description }.filter { $0.hasPrefix("claim:") }
        if outcome == "allow" {
            #expect(refusing.isEmpty && sources == ["claim:dept", "claim:custom:cost-center"])
        } else {
            #expect(refusing == ["user_tag_claims"] && sources == nil)
        }
    }

    @Test(arguments: [
        (["x"], "\"x\" is no tag and its claim"), (["=x"], "\"=x\" is no tag and its claim"),
        (["x="], "\"x=\" is no tag and its claim"), (["a=x", "a=y"], "--tag-claim has the tags \"a\" twice"),
        (["a=x", "A=y"], "--tag-claim has the tags \"a\" and \"A\""),
    ])
    func `What is no tag with its claim, or one more of a tag, is refused by its name`(
        arguments: [String], mention: String
    ) {
        let error = #expect(throws: ValidationError.self) { try TagClaimArguments(arguments) }
        #expect(error?.message.hasPrefix(mention) == true, "\(String(describing: error))")
    }

    @Test func `The broker is told no claims of tags, for it knows them`() throws {
        let asked = ["policy", "explain", "--policy", "p", "--user", "a"]
        #expect(try StsbrokerCommand.parseAsRoot(asked) is PolicyExplainCommand)
        let error = #expect(throws: (any Error).self) {
            try StsbrokerCommand.parseAsRoot(asked + ["--tag-claim", "department=dept"])
        }
        let text = error.map { StsbrokerCommand.fullMessage(for: $0, columns: 80) }
        #expect(text?.contains("--tag-claim goes with --policies") == true, "\(text ?? "")")
    }

    @Test(
        arguments: [
            (["x"], [], "\"x\" is no claim as NAME=VALUE"), (["=x"], [], "\"=x\" is no claim as NAME=VALUE"),
            ([], ["x"], "\"x\" is no claim as NAME=JSON"), ([], ["x=yes"], "\"x=yes\" is no claim as NAME=JSON"),
            ([], ["x=null"], "\"x=null\" is no claim as NAME=JSON"),
            ([], ["x=1e999"], "\"x=1e999\" is no claim as NAME=JSON"),
            ([], ["x=[1"], "\"x=[1\" is no claim as NAME=JSON"),
            ([], ["x=1", "x=2"], "The claim \"x\" is given more than once"),
            (["x=1"], ["x=2"], "The claim \"x\" is given more than once"),
        ] as [([String], [String], String)])
    func `What is no claim, or one more of a name, is refused by its name`(
        texts: [String], json: [String], mention: String
    ) {
        let error = #expect(throws: ValidationError.self) { try ClaimArguments(texts: texts, json: json) }
        #expect(error?.message.hasPrefix(mention) == true, "\(String(describing: error))")
    }
}
