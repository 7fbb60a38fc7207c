import Foundation
import PolicyFiles
import Testing

@Suite struct PolicyLintTests {
    private func findings(_ files: [String: String], chained: Bool = false) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "policies-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
        return PolicyLint.findings(in: [folder.path()], chainsRoles: chained).map {
            $0.description.replacing(folder.path(), with: "").replacing("//", with: "").trimmingPrefix("/").description
        }
    }

    private static func policy(_ id: String, risk: String = "10", extra: String = "") -> String {
        """
          - id: \(id)
            description: d
            account: "111122223333"
            base_role: arn:aws:iam::111122223333:role/R
            risk: \(risk)
            max_duration: 1h\(extra)

        """
    }

    @Test func `Every policy and team with something wrong is named, at its place`() throws {
        let text =
            "policies:\n" + Self.policy("one", risk: "high")
            + Self.policy("two", extra: "\n    default_tags: [{A: x}, {a: x}]")
            + Self.policy("three", extra: "\n    motto: x") + Self.policy("four")
            + "teams:\n  - {id: a b, policies: []}\n  - {id: t, policies: [four, nine]}\n"
        let found = try findings(["a.yaml": text])
        #expect(found.count == 4, "\(found)")
        #expect(found[0].hasPrefix("a.yaml:6:11: error: policies[0].risk must be a whole number"))
        #expect(found[1].hasPrefix("a.yaml:14:19: error: policies[1].default_tags has the keys \"A\" and \"a\""))
        #expect(found[2].hasPrefix("a.yaml:21:5: error: policies[2] has an unknown key \"motto\""))
        #expect(found[3].hasPrefix("a.yaml:29:5: error: teams[0] is unusable"))
    }

    @Test func `What is wrong with one block of several is named at that block`() throws {
        let factor = "\n    condition:\n      - Bool: {broker:MfaPresent: true}\n"
        let text =
            "policies:\n" + Self.policy("one", extra: factor + "      - Bool: {broker:MfaPresent: maybe}")
            + Self.policy("two", extra: factor + "      - StringEquals: {broker:Requester: x}")
            + "teams: [{id: t, policies: [one, two]}]\n"
        let found = try findings(["a.yaml": text])
        #expect(found.count == 2, "\(found)")
        #expect(
            found[0].hasPrefix(
                "a.yaml:10:9: error: policies[0].condition[1] is unusable: Bool broker:MfaPresent \"maybe\""))
        #expect(found[1].hasPrefix("a.yaml:19:9: error: policies[1].condition[1] asks for broker:Requester"))
    }

    @Test func `Files are judged as one set, against each other`() throws {
        let found = try findings([
            "a.yaml": "policies:\n" + Self.policy("one"), "b.yaml": "policies:\n" + Self.policy("one"),
            "c.yaml": "teams: [{id: t, policies: [one, two]}, {id: t, policies: []}]",
        ])
        #expect(
            found == [
                "b.yaml:2:9: error: policies[0].id is \"one\", as that of an earlier policy",
                "c.yaml:1:33: error: teams[0].policies[1] is \"two\", which is no policy here",
                "c.yaml:1:45: error: teams[1].id is \"t\", as that of an earlier team",
            ])
    }

    @Test func `A file that is no YAML, or isn't there, is one error, and hides none of the others`() throws {
        let found = try findings(["a.yaml": "policies: [", "b.yaml": "policies:\n" + Self.policy("one", risk: "0")])
        #expect(found.count == 2)
        #expect(found[0].hasPrefix("a.yaml:") && found[0].contains("not YAML"))
        #expect(found[1].hasPrefix("b.yaml:6:11: error:"))
        let missing = PolicyLint.findings(in: ["/nonexistent/policies.yaml"])
        #expect(missing.map(\.severity) == [.error])
    }

    @Test func `What is likely to fail is a warning at its place`() throws {
        let tag = String(repeating: "v", count: 200)
        let text =
            "policies:\n" + Self.policy("risky", risk: "90") + Self.policy("unused")
            + Self.policy("tagged", extra: "\n    default_tags: [{a: \(tag)}, {b: \(tag)}, {c: \(tag)}]")
            + "teams: [{id: t, policies: [risky, tagged]}]\n"
        let found = try findings(["a.yaml": text])
        #expect(found.count == 3, "\(found)")
        #expect(
            found[0].hasPrefix(
                "a.yaml:2:5: warning: policies[0].approval policy \"risky\" has a risk over 50 and no approval"))
        #expect(found[1].contains("policies[1].id is \"unused\", which no team may request"))
        #expect(found[2].contains("characters of session tags"))
    }

    @Test(arguments: [("[desk]", 1), ("[]", 0)])
    func `An approval that tells nobody is a warning where another policy's tells somebody`(notify: String, count: Int)
        throws
    {
        let approval = "\n    approval: {teams: [s]"
        let text =
            "policies:\n" + Self.policy("silent", risk: "90", extra: "\(approval)}")
            + Self.policy("other", risk: "90", extra: "\(approval), notify: \(notify)}")
            + "teams: [{id: t, policies: [silent, other]}]"
        let found = try findings(["a.yaml": text])
        #expect(found.count == count, "\(found)")
        let place = "a.yaml:8:15: warning: policies[0].approval"
        let wanted = "\(place) policy \"silent\" has an approval that tells nobody: "
        #expect(found.allSatisfy { $0.hasPrefix(wanted) }, "\(found)")
    }

    @Test(arguments: [
        ("max_duration: 4h", false, "role_max_session"), ("max_duration: 4h\n    role_max_session: 4h", false, nil),
        ("max_duration: 4h\n    role_max_session: 4h", true, "3600 s at most"), ("max_duration: 1h", true, nil),
    ])
    func `Defect B1: a duration that may never work is a warning`(duration: String, chained: Bool, mention: String?)
        throws
    {
        let text =
            "policies:\n" + Self.policy("one").replacing("max_duration: 1h", with: duration)
            + "teams: [{id: t, policies: [one]}]"
        let found = try findings(["a.yaml": text], chained: chained)
        #expect(found.count == (mention == nil ? 0 : 1), "\(found)")
        if let mention { #expect(found.first?.contains(mention) == true, "\(found)") }
    }
}
