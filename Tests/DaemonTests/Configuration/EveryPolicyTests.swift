import CredentialCache
import MetadataServer
import Synchronization
import Testing

@testable import Daemon

/// What `*` among a caller's roles means.
@Suite("Every policy that the broker lists")
struct EveryPolicyTests {
    /// Ana may have everything, Ben what is named.
    private static let callers = "- {user: ana, roles: [\"*\"]}\n  - {user: ben, roles: [readonly]}"

    private func settings(_ callers: String = callers, listing ids: [String] = [], more: String = "") throws
        -> DaemonSettings
    {
        var settings = try Sample.settings(Sample.configuration(callers: callers) + more)
        settings.listedPolicies = [Sample.ana: ids, Sample.ben: ids]
        return settings
    }

    private func names(_ settings: DaemonSettings, of principal: Principal) throws -> [[String]] {
        settings.callerRules.map { settings.roles(by: $0, of: principal).map(\.name) }
    }

    @Test func `it stands for all roles of the file, and for what the broker lists beside them`() throws {
        let settings = try settings(listing: ["zoo", "admin"])
        #expect(try names(settings, of: Sample.ana) == [["developer", "readonly", "admin", "zoo"], ["readonly"]])
        #expect(settings.callerRules.map(\.effectiveDefaultRole) == [nil, "readonly"])
        let key = CredentialKey(principal: Sample.ana, role: "admin")
        #expect(settings.role(key) == OfferedRole(name: "admin", policy: "admin", durationSeconds: nil))
        #expect(settings.offers(key))
        #expect(!settings.offers(CredentialKey(principal: Sample.ben, role: "admin")))
        #expect(!settings.offers(CredentialKey(principal: Sample.ana, role: "other")))
        #expect(settings.offersPolicies(of: Sample.ana) && !settings.offersPolicies(of: Sample.ben))
    }

    @Test func `no role is there twice, and no policy under a name that means another`() throws {
        // dev-policy and read-policy have roles of the file, of which one has the name of another policy.
        let settings = try settings(listing: ["dev-policy", "readonly", "read-policy", "admin"])
        #expect(try names(settings, of: Sample.ana)[0] == ["developer", "readonly", "admin"])
        #expect(settings.role(CredentialKey(principal: Sample.ana, role: "readonly"))?.policy == "read-policy")
        #expect(settings.role(CredentialKey(principal: Sample.ana, role: "dev-policy")) == nil)
    }

    @Test(arguments: ["", ".", "..", "a/b", "a b", "ä", String(repeating: "a", count: 65)])
    func `what can't be a role's name isn't offered`(id: String) throws {
        #expect(try names(settings(listing: [id, "admin"]), of: Sample.ana)[0] == ["developer", "readonly", "admin"])
    }

    @Test func `others may use a principal for whom everything is offered`() throws {
        let callers = "- {network: 172.17.0.2, principal: ana, roles: [\"*\"]}\n  - {group: developers, roles: [\"*\"]}"
        let settings = try settings(callers, listing: ["admin"])
        #expect(try names(settings, of: Sample.ana) == Array(repeating: ["developer", "readonly", "admin"], count: 2))
        #expect(settings.offersPolicies(of: Sample.ben))
    }

    @Test func `named roles come first, and a default may be a policy`() throws {
        let callers = "- {user: ana, roles: [readonly, \"*\"], default_role: admin}\n  - {user: ben, roles: [\"*\"]}"
        let settings = try settings(callers, listing: ["admin"], more: "\ndefault_role: other\n")
        #expect(settings.callerRules.map(\.roles) == [["readonly", "developer"], ["developer", "readonly"]])
        #expect(settings.callerRules.map(\.defaultRole) == ["admin", "other"])
    }

    @Test func `with it, the file needs no roles`() throws {
        let text = Sample.configuration(callers: "- {user: ana, roles: [\"*\"]}")
            .replacing(try Regex("\nroles:\n(  - .*\n)+"), with: "\nroles: []\n")
        #expect(try Sample.settings(text).callerRules.map(\.roles) == [[]])
    }

    @Test func `a reload keeps what the broker said`() throws {
        let current = CurrentSettings(try settings(listing: ["admin"]))
        current.replace(with: try settings("- {user: ana, roles: [readonly]}"))
        #expect(current.value.listedPolicies[Sample.ana] == ["admin"])
        #expect(!current.value.offers(CredentialKey(principal: Sample.ana, role: "admin")))
    }

    @Test func `followers hear of each change, and only of changes`() throws {
        let current = CurrentSettings(try settings(listing: ["admin"]))
        let heard = Mutex<[[String]]>([])
        current.follow { settings in heard.withLock { $0.append(settings.listedPolicies[Sample.ana] ?? []) } }
        #expect(!current.list(["admin"], of: Sample.ana))
        #expect(current.list(["zoo"], of: Sample.ana) && current.list([], of: Sample.ana))
        #expect(heard.withLock { $0 } == [["zoo"], []])
    }

    @Test func `credentials that were kept count as listed, if everything is offered still`() throws {
        let current = CurrentSettings(try settings())
        func takes(_ role: OfferedRole, _ principal: Principal) -> Bool {
            current.takesUp(role, for: CredentialKey(principal: principal, role: role.name))
        }
        let admin = OfferedRole(name: "admin", policy: "admin", durationSeconds: nil)
        #expect(takes(admin, Sample.ana) && !takes(admin, Sample.ben))
        #expect(current.value.listedPolicies[Sample.ana] == ["admin"])
        #expect(!takes(OfferedRole(name: "x", policy: "admin", durationSeconds: nil), Sample.ana))
        #expect(takes(OfferedRole(name: "developer", policy: "dev-policy", durationSeconds: 3600), Sample.ana))
        #expect(!takes(OfferedRole(name: "developer", policy: "other", durationSeconds: 3600), Sample.ana))
    }
}
