import CallerIdentity
import CredentialCache
import Credentials
import NIOHTTP1
import Testing

@testable import MetadataServer

/// Callers from elsewhere, such as containers with a network of their own.
@Suite("Network callers")
struct NetworkCallersTests {
    private let fixture = Fixture()
    private let imds = Fixture.listener(.instanceMetadata)
    private let container = Fixture.listener(.containerCredentials)
    private let neighbour = Fixture.caller(from: "172.17.0.2")
    private static let roles = "/latest/meta-data/iam/security-credentials/"
    private static let tokenHeader = "X-aws-ec2-metadata-token"

    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test("The first rule whose network has the address decides; others are about local users only")
    func rules() throws {
        let rules = CallerRules([
            CallerRule(user: nil, principal: .localUser(1), roles: ["anybody-here"]),
            Fixture.networkRule("10.0.0.7", listeners: ["imds"], principal: .localUser(2), roles: ["a"]),
            Fixture.networkRule("10.0.0.0/8", principal: .localUser(3), roles: ["b"]),
            Fixture.networkRule("fd00::/8", principal: nil, roles: ["nobody-to-act-for"]),
        ])
        #expect(rules.permission(for: try address("10.0.0.7"), listener: "imds")?.keys == [.of("a", user: 2)])
        #expect(rules.permission(for: try address("10.0.0.7"), listener: "other")?.keys == [.of("b", user: 3)])
        #expect(rules.permission(for: try address("10.0.0.8"), listener: "imds")?.tokenOwner == 3)
        #expect(rules.permission(for: try address("11.0.0.1"), listener: "imds") == nil)
        #expect(rules.permission(for: try address("fd00::1"), listener: "imds") == nil)
        let local = Caller(userID: 10, groupID: nil, processID: nil)
        #expect(rules.permission(for: local, listener: "imds")?.keys.map(\.role) == ["anybody-here"])
        #expect(!rules.rules[2].mayConcern(local))
    }

    @Test("A session token is good at the address that got it only")
    func sessionToken() throws {
        let put = [("X-aws-ec2-metadata-token-ttl-seconds", "60")]
        let token = try fixture.ask(.PUT, "/latest/api/token", put, as: neighbour, at: imds).response().bodyText
        let headers = [(Self.tokenHeader, token)]
        let own = try fixture.ask(.GET, Self.roles, headers, as: neighbour, at: imds).response()
        #expect(own.status == .ok)
        #expect(own.bodyText == "developer")
        for other in [Fixture.caller(from: "172.17.0.3"), Fixture.caller(1001), Fixture.caller(1000)] {
            #expect(try fixture.ask(.GET, Self.roles, headers, as: other, at: imds).response().status == .unauthorized)
        }
    }

    @Test("The container endpoint wants the token of the user whose sign-in is used")
    func authorizationToken() throws {
        func status(_ user: UInt32?) throws -> Int {
            let token = user.map { [("Authorization", fixture.tokens.token(forUser: $0).revealed())] } ?? []
            return Int(
                try fixture.ask(.GET, "/role/developer", token, as: neighbour, at: container).response().status.code)
        }
        #expect(try status(1000) == 200)
        #expect(try status(1001) == 401)
        #expect(try status(nil) == 401)
    }

    @Test("A listener that requires no token takes none, but no wrong one, and still only whom a rule allows")
    func withoutToken() throws {
        let open = Fixture.listener(.containerCredentials, requiresToken: false)
        #expect(try fixture.ask(.GET, "/", as: neighbour, at: open).response().status == .ok)
        let wrong = [("Authorization", "x")]
        #expect(try fixture.ask(.GET, "/", wrong, as: neighbour, at: open).response().status == .unauthorized)
        let stranger = Fixture.caller(from: "172.18.0.2")
        #expect(try fixture.ask(.GET, "/", as: stranger, at: open).response().status == .forbidden)
        #expect(try fixture.ask(.GET, "/", as: Fixture.caller(4242), at: open).response().status == .forbidden)
    }

    @Test("Only addresses that a rule is about are counted one by one")
    func accountable() throws {
        let service = fixture.service
        #expect(service.accountable(neighbour, listener: "imds") == .address(try address("172.17.0.2")))
        #expect(service.accountable(Fixture.caller(from: "172.18.0.2"), listener: "imds") == nil)
        #expect(service.accountable(Fixture.caller(4242), listener: "imds") == .user(4242))
        #expect(service.accountable(.failure(.noUser), listener: "imds") == nil)
    }

    @Test("What a user prefers on this machine changes nothing for the containers that act for them")
    func preference() throws {
        fixture.callers.roleChoices.choose("auditor", forUser: 1000)
        let token = [("Authorization", fixture.tokens.token(forUser: 1000).revealed())]
        #expect(try fixture.ask(.GET, "/", token, as: neighbour, at: container).response().status == .ok)
    }
}
