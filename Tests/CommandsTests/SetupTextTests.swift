import BrokerAPI
import DaemonAPI
import Testing

@testable import Commands

@Suite struct SetupTextTests {
    private let roles = ["developer": "dev", "look": "readonly"].map {
        RoleStatus(name: $0.key, policy: $0.value, isDefault: false, state: "idle")
    }

    private func list(_ policies: String...) -> PolicyList {
        PolicyList(
            policies: policies.map {
                PolicySummary(
                    id: $0, description: "d", account: "111122223333", risk: 1, maximumDurationSeconds: 3600)
            })
    }

    @Test func `what was written before is found again, by its header`() throws {
        let lines = SetupText.lines(
            [(name: "look", role: "look"), (name: "default", role: "dev")], command: ["/bin/x"], region: "eu-west-1")
        var file = ProfileFile(Array("[profile own]\r\nregion = x\r\n".utf8))
        #expect(file.block.isEmpty)
        try file.setBlock(lines)
        #expect(file.block == lines)
        let sections = SetupText.sections(of: file.block)
        #expect(sections["profile look"] == ["credential_process = /bin/x -- look", "region = eu-west-1"])
        #expect(sections.keys.map(AWSFile.config.name(in:)).sorted() == ["default", "look"])
        for name in ["default", "look", "profile x"] {
            #expect(AWSFile.config.name(in: AWSFile.config.header(of: name)) == name)
        }
    }

    @Test func `a policy is left out if no role is for it, whatever the roles are called`() {
        #expect(SetupText.policies(list("readonly", "dev"), without: roles) == [])
        #expect(SetupText.policies(list("ops", "dev", "look", "admin"), without: roles) == ["ops", "look", "admin"])
        #expect(SetupText.policies(list(), without: roles) == [])
        #expect(SetupText.policies(list("dev"), without: []) == ["dev"])
    }

    @Test func `what is left out is named, with what to do, and can't steer the terminal`() {
        #expect(SetupText.leftOut([]) == nil)
        #expect(
            SetupText.leftOut(["ops", "a\u{1B}[2Jb"]) == """
                Policies without a profile, for the daemon offers you no role for them: ops, a\u{FFFD}[2Jb. \
                Add one for each to roles and callers in stsbrokerd.yaml, or offer all of them to callers as "*", then run this again.
                """)
    }
}
