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
}
