import CallerIdentity
import CredentialCache
import Testing

@testable import MetadataServer

@Suite("CallerRules")
struct CallerRulesTests {
    private let caller = Caller(userID: 1000, groupID: nil, processID: nil)

    @Test("Without a rule nothing is allowed")
    func denyByDefault() {
        #expect(CallerRules([]).permission(for: caller, listener: "imds") == nil)
        let other = CallerRule(user: 0, principal: .localUser(0), roles: ["admin"])
        #expect(CallerRules([other]).permission(for: caller, listener: "imds") == nil)
    }

    @Test("The first rule that matches decides")
    func firstMatch() throws {
        let rules = CallerRules([
            CallerRule(user: 1000, listeners: ["container"], principal: .localUser(1), roles: ["a"]),
            CallerRule(user: 1000, principal: .localUser(2), roles: ["b"]),
            CallerRule(user: 1000, principal: .localUser(3), roles: ["c"]),
        ])
        #expect(try #require(rules.permission(for: caller, listener: "imds")).keys == [.of("b", user: 2)])
        #expect(try #require(rules.permission(for: caller, listener: "container")).keys == [.of("a", user: 1)])
    }

    @Test(
        "The default role is the one set, or the only one",
        arguments: [
            (["a"], nil, "a"), (["a", "b"], nil, nil), (["a", "b"], "b", "b"), (["a"], "x", nil), ([], nil, nil),
        ] as [([String], String?, String?)])
    func defaultRole(roles: [String], set: String?, expected: String?) throws {
        let rules = CallerRules([
            CallerRule(user: 1000, principal: .localUser(1000), roles: roles, defaultRole: set)
        ])
        #expect(try #require(rules.permission(for: caller, listener: "x")).defaultKey?.role == expected)
    }

    @Test func `what the broker lists is for those whose rule offers it, and may be the default`() throws {
        var rule = CallerRule(user: nil, roles: ["b"], defaultRole: "a")
        rule.includesPolicies = true
        let named = CallerRule(user: 1001, roles: ["b"], defaultRole: "a")
        let policies: [Principal: [String]] = [
            .localUser(1000): ["z", "a", "m"], .localUser(1001): ["a"],
        ]
        let rules = CallerRules([named, rule], policies: policies)
        let permission = try #require(rules.permission(for: caller, listener: "x"))
        #expect(permission.keys == [.of("b")] && permission.listedKeys == ["a", "m", "z"].map { .of($0) })
        #expect(permission.defaultKey == .of("a"))
        for name in ["a", "b", "m", "z"] { #expect(permission.key(forRole: name[...]) == .of(name)) }
        for name in ["", "aa", "c", "y", "zz", "\u{E4}"] { #expect(permission.key(forRole: name[...]) == nil) }
        #expect(permission.preferring("m").defaultKey == .of("m") && permission.preferring("x") == permission)
        let narrowed = permission.narrowed(to: "z")
        #expect(narrowed.keys == [.of("z")] && narrowed.listedKeys.isEmpty && narrowed.defaultKey == .of("z"))
        let other = Caller(userID: 1001, groupID: nil, processID: nil)
        let theirs = try #require(rules.permission(for: other, listener: "x"))
        #expect(theirs.keys == [.of("b", user: 1001)] && theirs.listedKeys.isEmpty && theirs.defaultKey == nil)
    }

    private func program(_ executable: String?, _ controlGroup: String? = nil) -> ProcessFacts {
        ProcessFacts(processID: 7, executable: executable, controlGroup: controlGroup)
    }

    private func roles(_ rules: [CallerRule], groups: Set<UInt32>? = nil, processes: [ProcessFacts]? = nil) -> [String]?
    {
        var caller = caller
        (caller.groups, caller.processes) = (groups, processes)
        return CallerRules(rules).permission(for: caller, listener: "imds")?.keys.map(\.role)
    }

    @Test("A rule about a group is for its members, who act with their own sign-in unless it names another")
    func group() throws {
        var rule = CallerRule(user: nil, roles: ["a"])
        rule.group = 2000
        #expect(roles([rule], groups: [1000, 2000]) == ["a"])
        #expect(roles([rule], groups: [1000]) == nil)
        #expect(roles([rule]) == nil)
        var caller = caller
        caller.groups = [2000]
        #expect(CallerRules([rule]).permission(for: caller, listener: "x")?.keys == [.of("a", user: 1000)])
        rule.principal = .localUser(5)
        #expect(CallerRules([rule]).permission(for: caller, listener: "x")?.keys == [.of("a", user: 5)])
    }

    @Test("A rule about a program wants every process at the other end to run it")
    func executable() {
        var rule = CallerRule(user: 1000, roles: ["a"])
        rule.executable = "/usr/bin/aws"
        let rules = [rule, CallerRule(user: 1000, roles: ["b"])]
        #expect(roles(rules, processes: [program("/usr/bin/aws"), program("/usr/bin/aws")]) == ["a"])
        #expect(roles(rules, processes: [program("/usr/bin/aws"), program("/usr/bin/sh")]) == ["b"])
        #expect(roles(rules, processes: [program(nil)]) == ["b"])
    }

    @Test("Rules about units and control groups look at every process too")
    func units() {
        var (unit, group) = (CallerRule(user: nil, roles: ["u"]), CallerRule(user: nil, roles: ["g"]))
        unit.unit = "backup.service"
        group.controlGroup = "/ci.slice"
        let (backup, job) = (program(nil, "/system.slice/backup.service"), program(nil, "/ci.slice/job.scope"))
        #expect(roles([unit, group], processes: [backup]) == ["u"])
        #expect(roles([unit, group], processes: [job, job]) == ["g"])
        #expect(roles([unit, group], processes: [job, backup]) == nil)
        #expect(roles([unit, group], processes: []) == nil)
    }

    @Test("Only what some rule asks about this user, at this listener, is looked up")
    func detail() {
        var (group, program) = (
            CallerRule(user: nil, roles: []), CallerRule(user: 1000, listeners: ["imds"], roles: [])
        )
        group.group = 2000
        program.executable = "/usr/bin/aws"
        let other = Caller(userID: 1001, groupID: nil, processID: nil)
        let rules = CallerRules([group, program])
        #expect(rules.detail(for: caller, listener: "imds") == [.groups, .processes])
        #expect(rules.detail(for: caller, listener: "x") == .groups)
        #expect(rules.detail(for: other, listener: "imds") == .groups)
        #expect(CallerRules([CallerRule(user: 1000, roles: [])]).detail(for: caller, listener: "imds") == [])
        #expect(!rules.knowEnough(of: caller, listener: "imds"))
    }
}
