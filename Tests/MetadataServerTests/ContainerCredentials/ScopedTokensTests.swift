import CredentialCache
import Credentials
import FoundationEssentials
import NIOHTTP1
import Testing

@testable import MetadataServer

@Suite("ScopedTokens")
struct ScopedTokensTests {
    private let fixture = Fixture()
    private var tokens: ScopedTokens { fixture.callers.scopedTokens }

    private func issue(_ role: String, user: UInt32 = 1000, lifetime: Int = 600) throws -> ScopedTokens.Issued {
        try #require(tokens.issue(role: role, forUser: user, lifetime: lifetime, now: Fixture.now))
    }

    private func get(
        _ target: String, _ token: Secret, user: UInt32 = 1000, unix: Bool = false, now: Date = Fixture.now
    ) throws -> MetadataResponse {
        try fixture.ask(
            .GET, target, [("Authorization", token.revealed())], host: unix ? "localhost" : "127.0.0.1:8080",
            as: Fixture.caller(user), at: Fixture.listener(.containerCredentials, unix: unix), now: now
        ).response()
    }

    @Test("It is good for its role, named or not, and for no other", arguments: [false, true])
    func scope(unix: Bool) throws {
        fixture.source.set(.usable(Fixture.prepared(role: "auditor")), for: "auditor")
        let token = try issue("auditor").token
        for target in [
            "/", "/v1/credentials", "/role/auditor", "/role-arn/arn:aws:iam::123456789012:role/team/auditor",
        ] {
            let response = try get(target, token, unix: unix)
            #expect(response.status == .ok, "\(target)")
            #expect(response.bodyText.contains("role/team/auditor"))
        }
        for target in ["/role/developer", "/role-arn/arn:aws:iam::123456789012:role/team/developer"] {
            #expect(try get(target, token, unix: unix).status == .notFound, "\(target)")
        }
    }

    @Test("It ends with its time, with its revocation, and is nobody else's")
    func end() throws {
        let (short, revoked, others) = (
            try issue("developer", lifetime: 60), try issue("developer"), try issue("developer")
        )
        #expect(try get("/", short.token, now: Fixture.now + 59).status == .ok)
        #expect(try get("/", short.token, now: Fixture.now + 60).status == .unauthorized)
        #expect(try get("/", others.token, user: 1001).status == .unauthorized)
        #expect(!tokens.revoke(id: revoked.id, ofUser: 1001))
        #expect(try get("/", revoked.token).status == .ok)
        #expect(tokens.revoke(id: revoked.id, ofUser: 1000))
        #expect(!tokens.revoke(id: revoked.id, ofUser: 1000))
        #expect(try get("/", revoked.token).status == .unauthorized)
        tokens.revokeAll(ofUser: 1000)
        #expect(try get("/", others.token).status == .unauthorized)
        #expect(try get("/", Secret("scoped-")).status == .unauthorized)
    }

    @Test("A role that the rules do not give the user is not to be had by a token either")
    func foreignRole() throws {
        #expect(try get("/", try issue("admin").token).status == .notFound)
        #expect(try get("/role/admin", try issue("admin").token).status == .notFound)
    }

    @Test("A user has so many and no more, until some have ended")
    func limit() throws {
        for _ in 0..<ScopedTokens.mostPerUser { _ = try issue("developer", lifetime: 60) }
        #expect(tokens.issue(role: "developer", forUser: 1000, lifetime: 60, now: Fixture.now) == nil)
        #expect(tokens.issue(role: "developer", forUser: 1001, lifetime: 60, now: Fixture.now) != nil)
        #expect(tokens.issue(role: "developer", forUser: 1000, lifetime: 60, now: Fixture.now + 60) != nil)
    }
}

@Suite("RoleChoices")
struct RoleChoicesTests {
    private let fixture = Fixture()

    private func roleList(user: UInt32) throws -> String {
        let listener = Fixture.listener(.instanceMetadata, allowsIMDSv1: true)
        return try fixture.ask(
            .GET, "/latest/meta-data/iam/security-credentials/", as: Fixture.caller(user), at: listener
        ).response().bodyText
    }

    @Test("A choice changes what is offered to that user only, on both faces, until it is taken back")
    func choice() throws {
        fixture.source.set(.usable(Fixture.prepared(role: "auditor")), for: "auditor")
        fixture.callers.roleChoices.choose("auditor", forUser: 1000)
        #expect(try roleList(user: 1000) == "auditor")
        #expect(try roleList(user: 1001) == "developer")
        let token = fixture.tokens.token(forUser: 1000).revealed()
        let container = Fixture.listener(.containerCredentials)
        let response = try fixture.ask(.GET, "/", [("Authorization", token)], at: container).response()
        #expect(response.bodyText.contains("role/team/auditor"))
        fixture.callers.roleChoices.choose(nil, forUser: 1000)
        #expect(try roleList(user: 1000) == "developer")
    }

    @Test("A choice of what the user may not have here changes nothing")
    func notAllowed() throws {
        fixture.callers.roleChoices.choose("admin", forUser: 1000)
        #expect(try roleList(user: 1000) == "developer")
    }
}
