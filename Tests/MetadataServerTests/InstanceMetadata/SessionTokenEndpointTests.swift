import CallerIdentity
import FoundationEssentials
import NIOHTTP1
import Testing

@testable import MetadataServer

@Suite("PUT /latest/api/token")
struct SessionTokenEndpointTests {
    private let fixture = Fixture()
    private let listener = Fixture.listener(.instanceMetadata)
    private static let ttl = "X-aws-ec2-metadata-token-ttl-seconds"

    @Test("A token comes with its lifetime in the header", arguments: ["1", "60", "21600"])
    func token(seconds: String) throws {
        let response = try fixture.ask(.PUT, "/latest/api/token", [(Self.ttl, seconds)], at: listener).response()
        #expect(response.status == .ok)
        #expect(response.contentType == .plain)
        #expect(response.tokenLifetime == Int(seconds))
        #expect(response.bodyText.utf8.count == 54)
    }

    @Test("A path with two slashes, from an endpoint with one behind, makes a token too")
    func doubleSlash() throws {
        #expect(try fixture.ask(.PUT, "//latest/api/token", [(Self.ttl, "60")], at: listener).response().status == .ok)
    }

    @Test(
        "A bad lifetime is a 400, never what makes SDKs fall back to IMDSv1",
        arguments: [
            [], [(ttl, "0")], [(ttl, "-1")], [(ttl, "21601")], [(ttl, "+60")], [(ttl, "6e2")], [(ttl, "")],
            [(ttl, "60 ")],
            [(ttl, "99999999999999999999999")], [(ttl, "60"), (ttl, "60")], [(ttl, "６０")],
        ] as [[(String, String)]])
    func badLifetime(headers: [(String, String)]) throws {
        let response = try fixture.ask(.PUT, "/latest/api/token", headers, at: listener).response()
        #expect(response.status == .badRequest)
        #expect(!response.bodyText.isEmpty)
    }

    @Test(
        "A forwarding header is a 403 by its presence",
        arguments: ["X-Forwarded-For", "x-forwarded-for", "Via", "Forwarded"])
    func forwarded(name: String) throws {
        let headers = [(Self.ttl, "60"), (name, "")]
        #expect(try fixture.ask(.PUT, "/latest/api/token", headers, at: listener).response().status == .forbidden)
    }

    @Test(
        "Tokens are made at one path only",
        arguments: [
            "/latest/api/token/", "/2021-01-03/api/token", "/1.0/api/token",
        ])
    func elsewhere(target: String) throws {
        #expect(try fixture.ask(.PUT, target, [(Self.ttl, "60")], at: listener).response().status == .forbidden)
    }

    @Test("Another method is a 405 that allows PUT", arguments: [HTTPMethod.GET, .HEAD, .POST, .DELETE, .OPTIONS])
    func otherMethod(method: HTTPMethod) throws {
        let response = try fixture.ask(method, "/latest/api/token", [(Self.ttl, "60")], at: listener).response()
        #expect(response.status == .methodNotAllowed)
        #expect(response.allow == "PUT")
    }

    @Test("Nobody gets a token without a rule")
    func notAllowed() throws {
        for caller in [Fixture.caller(4242), .failure(.noSuchSocket)] {
            let answer = fixture.ask(.PUT, "/latest/api/token", [(Self.ttl, "60")], as: caller, at: listener)
            #expect(try answer.response().status == .forbidden)
        }
    }
}

@Suite("SessionTokens")
struct SessionTokensTests {
    private let tokens = SessionTokens()

    @Test("A token is good until it expires, and tells how long")
    func lifetime() {
        let token = tokens.token(for: .user(1000), lifetime: 60, now: Fixture.now)
        #expect(tokens.remainingLifetime(of: token, for: .user(1000), now: Fixture.now) == 60)
        #expect(tokens.remainingLifetime(of: token, for: .user(1000), now: Fixture.now + 59) == 1)
        #expect(tokens.remainingLifetime(of: token, for: .user(1000), now: Fixture.now + 60) == nil)
    }

    @Test("A token is bound to its user and to this process")
    func binding() {
        let token = tokens.token(for: .user(1000), lifetime: 60, now: Fixture.now)
        #expect(tokens.remainingLifetime(of: token, for: .user(1001), now: Fixture.now) == nil)
        #expect(SessionTokens().remainingLifetime(of: token, for: .user(1000), now: Fixture.now) == nil)
    }

    @Test("No single changed character is accepted")
    func altered() {
        let token = Array(tokens.token(for: .user(1000), lifetime: 60, now: Fixture.now).utf8)
        for index in token.indices {
            for replacement in Array("ABab01-_".utf8) where replacement != token[index] {
                var altered = token
                altered[index] = replacement
                let text = String(decoding: altered, as: UTF8.self)
                #expect(tokens.remainingLifetime(of: text, for: .user(1000), now: Fixture.now) == nil)
            }
        }
    }

    @Test("What is no token at all is refused", arguments: ["", "A", String(repeating: "A", count: 54), "é", "a=="])
    func garbage(text: String) {
        #expect(tokens.remainingLifetime(of: text, for: .user(0), now: Fixture.now) == nil)
    }
}
