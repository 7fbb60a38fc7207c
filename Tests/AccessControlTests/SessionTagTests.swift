import AccessControl
import Credentials
import Foundation
import Testing

@Suite struct SessionTagTests {
    private func principal(_ claims: [String: String], _ tags: TagClaims = .original) -> Principal {
        Principal(id: Sample.principalID, userName: "developer", teams: ["developers"], claims: claims, tagClaims: tags)
    }

    @Test
    func `Defect A10: a tag's value comes from the claim that the issuer's configuration names, and from no other`()
        throws
    {
        let claims = ["custom:department": "written by the user", "department": "research"]
        let policy = try Sample.policy(defaultTags: [])
        let mapped = principal(claims, .listed(["department": "department"]))
        #expect(
            try policy.sessionTags(for: mapped)
                == [PolicyTag(key: "department", value: "research", source: .claim("department"))])
        let original = try policy.sessionTags(for: principal(claims))
        #expect(original.map(\.source) == [.claim("custom:department")])
        let error = #expect(throws: MissingClaim.self) {
            try policy.sessionTags(for: principal(claims, .listed(["team": "team"])))
        }
        #expect(error?.tag == "department" && error?.claim == nil)
    }

    @Test(arguments: [ClaimValue.bool(true), .number(3), .array([.number(3)])])
    func `What is no text gives no tag`(claim: ClaimValue) throws {
        let person = Principal(
            id: Sample.principalID, userName: "developer", teams: ["developers"], claims: [:],
            otherClaims: ["custom:department": claim])
        let error = #expect(throws: MissingClaim.self) { try Sample.policy().sessionTags(for: person) }
        #expect(error?.claim == "custom:department")
    }

    @Test func `Each tag says where it comes from, and reads back so`() throws {
        let id = RequestID.random()
        let policy = try Sample.policy(grantTag: "stsbroker:request")
        let tags = try policy.sessionTags(for: principal(["custom:department": "research"]), request: id)
        #expect(tags.map(\.key) == ["department", "stage", "stsbroker:request"])
        #expect(tags.map(\.value) == ["research", "dev", id.description])
        #expect(tags.compactMap(\.source?.description) == ["claim:custom:department", "default", "broker"])
        #expect(try JSONDecoder().decode([PolicyTag].self, from: JSONEncoder().encode(tags)) == tags)
        let old = Data(#"{"key":"a","value":"b"}"#.utf8)
        #expect(try JSONDecoder().decode(PolicyTag.self, from: old) == PolicyTag(key: "a", value: "b"))
    }

    @Test func `An approval stands for another request with the same tags, whose own tag differs`() throws {
        let policy = try Sample.policy(grantTag: "request")
        let person = principal(["custom:department": "research"])
        let content = RequestContent(
            requester: person.id, policyID: policy.id, policyVersion: policy.version,
            tags: try policy.sessionTags(for: person, request: .random()), durationSeconds: 900, reason: nil,
            startsAt: nil)
        #expect(content.isStillWhat(policy, tags: try policy.sessionTags(for: person)))
        let moved = principal(["custom:department": "sales"])
        #expect(!content.isStillWhat(policy, tags: try policy.sessionTags(for: moved)))
    }

    @Test(arguments: [
        (["stage", "Stage"], "stage", "Stage"), (["STRASSE", "straße"], "STRASSE", "straße"),
        (["caf\u{E9}", "Cafe\u{301}"], "caf\u{E9}", "Cafe\u{301}"), (["ΣΑΣ", "σας"], "ΣΑΣ", "σας"),
        (["a", "b", "a"], "a", "a"),
    ])
    func `Keys that differ in case or spelling alone collide, and both are named`(
        keys: [String], first: String, second: String
    ) throws {
        #expect(keys.firstCollision?.first == first)
        #expect(keys.firstCollision?.second == second)
        let tags = keys.map { PolicyTag(key: $0, value: "x") }
        let error = #expect(throws: InvalidCatalog.self) { try Sample.policy(userTags: [], defaultTags: tags) }
        #expect(error?.problem.contains("\"\(first)\"") == true)
    }

    @Test func `Keys that are really different don't collide`() {
        #expect(["stage", "stages", "sta-ge", "état", "etat"].firstCollision == nil)
    }

    @Test func `A ticket is part of what is approved, and its absence changes no earlier hash`() throws {
        func digest(_ ticket: String?) throws -> String {
            RequestContent(
                requester: Sample.principalID, policyID: "p", policyVersion: try Sample.policy().version, tags: [],
                durationSeconds: 900, reason: "r", ticket: ticket, startsAt: nil
            ).digest
        }
        #expect(Set(try [digest(nil), digest("OPS-1"), digest("OPS-2"), digest("")]).count == 4)
        let version = PolicyVersion(stored: String(repeating: "0", count: 64))
        let before = RequestContent(
            requester: PrincipalID(issuer: "https://idp.example", subject: "1"), policyID: "reader",
            policyVersion: version,
            tags: [PolicyTag(key: "stage", value: "dev")], durationSeconds: 900, reason: nil, startsAt: nil)
        #expect(before.digest == "2efc6303950f5dfb8d20c219d20a37ab85f41fae1372870066dd95d3050e261a")
    }
}
