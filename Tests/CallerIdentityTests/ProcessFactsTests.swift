import Testing

@testable import CallerIdentity

@Suite("ProcessFacts")
struct ProcessFactsTests {
    @Test(
        "The control group is the unified one, systemd's on a machine without it, and never one outside of our view",
        arguments: [
            ("0::/system.slice/a.service\n", "/system.slice/a.service"),
            ("12:cpu:/x\n1:name=systemd:/system.slice/a.service\n0::/\n", "/system.slice/a.service"),
            ("0::/a:b\n", "/a:b"), ("0::/../other\n", nil), ("12:cpu:/x\n", nil), ("0::\n", nil), ("", nil),
            ("0:/x", nil),
        ] as [(String, String?)])
    func controlGroup(text: String, expected: String?) {
        #expect(ControlGroup.path(in: text) == expected)
    }

    @Test(
        "The system's unit is the first service or scope below the slices, so a user's own unit can't pose as it",
        arguments: [
            ("/system.slice/backup.service", "backup.service"),
            ("/system.slice/backup.service/worker", "backup.service"),
            ("/system.slice/a-b.slice/_x.service", "x.service"), ("/init.scope", "init.scope"),
            ("/user.slice/user-1000.slice/user@1000.service/app.slice/backup.service", "user@1000.service"),
            ("/user.slice/user-1000.slice/session-2.scope", "session-2.scope"), ("/", nil), ("/docker/abc", nil),
            ("/user.slice", nil),
        ] as [(String, String?)])
    func systemUnit(path: String, expected: String?) {
        #expect(ProcessFacts(processID: 1, executable: nil, controlGroup: path).systemUnit == expected)
    }

    @Test("Within a control group means in it or below it, not beside it")
    func within() {
        let facts = ProcessFacts(processID: 1, executable: nil, controlGroup: "/ci.slice/job-1.scope")
        for path in ["/", "/ci.slice", "/ci.slice/", "/ci.slice/job-1.scope"] {
            #expect(facts.isWithin(controlGroup: path))
        }
        for path in ["/ci", "/ci.slice/job-1", "/ci.slice/job-1.scope/x", "/other"] {
            #expect(!facts.isWithin(controlGroup: path))
        }
        #expect(!ProcessFacts(processID: 1, executable: nil, controlGroup: nil).isWithin(controlGroup: "/"))
    }
}
