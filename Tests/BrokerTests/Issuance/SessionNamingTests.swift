import AWSAPI
import AccessControl
import FoundationEssentials
import Testing

@testable import Broker

@Suite("SessionNaming")
struct SessionNamingTests {
    static let awkward = [
        "", "a", "Zoë Müller", "a b", "a_b", "a:b", "a/b", "aws:admin", "a\u{0}b", "e\u{301}", "é", "名前",
        "developer\n", " developer", String(repeating: "x", count: 64), String(repeating: "x", count: 65),
        String(repeating: "x", count: 256), String(repeating: "ü", count: 200), "👩‍👩‍👧‍👦", "a=0123456789abcdef01234567",
    ]

    @Test("A name that fits stays as it is", arguments: ["developer", "zoe@example.com", "a.b-c_d+e=f,g", "ab"])
    func plain(_ name: String) {
        #expect(SessionNaming(issuers: 1).sessionName(of: name, issuer: "i") == name)
    }

    @Test("Every name becomes one that STS takes, both as session name and as source identity", arguments: awkward)
    func valid(_ name: String) {
        for issuers in [1, 2] {
            let mapped = SessionNaming(issuers: issuers).sessionName(of: name, issuer: "https://idp.example")
            #expect(throws: Never.self) { try STSLimits.roleSessionName(mapped) }
            #expect(throws: Never.self) { try STSLimits.sourceIdentity(mapped) }
        }
    }

    @Test("No two users share a session name, not even one whose name looks like another's mapped one")
    func injective() {
        let naming = SessionNaming(issuers: 1)
        let mapped = Self.awkward.map { naming.sessionName(of: $0, issuer: "i") }
        let all = Self.awkward + ["developer"] + mapped
        #expect(Set(all.map { naming.sessionName(of: $0, issuer: "i") }).count == Set(all.map { Array($0.utf8) }).count)
    }

    @Test("With several issuers the same user name gives different session names")
    func issuersDiffer() {
        let naming = SessionNaming(issuers: 2)
        let first = naming.sessionName(of: "developer", issuer: "https://a.example")
        #expect(first != naming.sessionName(of: "developer", issuer: "https://b.example"))
        #expect(first.contains("developer"))
    }

    private func grant(of user: String) -> Grant {
        Grant(
            requestID: .random(), principal: PrincipalID(issuer: "i", subject: "s"), userName: user, policyID: "reader",
            policyVersion: PolicyVersion(stored: "v"), tags: [], delivery: .immediate,
            notBefore: Date(timeIntervalSince1970: 0), notAfter: Date(timeIntervalSince1970: 900))
    }

    @Test(
        "Where grants have names of their own, each still is one that STS takes, and no two are the same",
        arguments: awkward)
    func ofGrants(_ name: String) throws {
        for issuers in [1, 2] {
            let naming = SessionNaming(issuers: issuers, namesGrants: true)
            let (first, second) = (grant(of: name), grant(of: name))
            let named = naming.sessionName(under: first)
            try STSLimits.roleSessionName(named)
            #expect(named != naming.sessionName(under: second))
            #expect(SessionNaming.isOfGrant(named, first.requestID))
            #expect(!SessionNaming.isOfGrant(named, second.requestID))
            #expect(named.hasSuffix(".\(first.requestID.description.prefix(12))"))
        }
    }

    @Test("Where they don't, a grant's sessions are named after the user")
    func ofUsers() {
        #expect(SessionNaming(issuers: 1).sessionName(under: grant(of: "developer")) == "developer")
    }
}
