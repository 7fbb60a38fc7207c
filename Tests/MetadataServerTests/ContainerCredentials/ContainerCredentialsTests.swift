import CallerIdentity
import CredentialCache
import Credentials
import FoundationEssentials
import NIOHTTP1
import Testing

@testable import MetadataServer

@Suite("The container credentials endpoint")
struct ContainerCredentialsTests {
    private let fixture = Fixture()
    private let listener = Fixture.listener(.containerCredentials)

    private func get(
        _ target: String, method: HTTPMethod = .GET, user: UInt32 = 1000, isFinal: Bool = false
    ) -> Answer {
        fixture.ask(
            method, target, [("Authorization", fixture.tokens.token(forUser: user).revealed())],
            as: Fixture.caller(user),
            at: listener, isFinal: isFinal)
    }

    @Test(
        "The default role and named roles are served",
        arguments: [
            "/", "", "/v1/credentials", "/v1/credentials/", "/?a=b", "/role/developer", "//role/developer/",
            "/role/develope%72?x=1",
            "/role-arn/arn:aws:iam::123456789012:role/team/developer",
            "/role-arn/arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fteam%2Fdeveloper",
        ])
    func served(target: String) throws {
        let response = try get(target.isEmpty ? "/" : target).response()
        #expect(response.status == .ok)
        #expect(response.contentType == .json)
        #expect(
            response.bodyText == """
                {
                  "Code" : "Success",
                  "LastUpdated" : "2025-12-31T23:59:00Z",
                  "Type" : "AWS-HMAC",
                  "RoleArn" : "arn:aws:iam::123456789012:role/team/developer",
                  "AccessKeyId" : "ASIAIOSFODNN7EXAMPLE",
                  "SecretAccessKey" : "\(Fixture.secret)",
                  "Token" : "\(Fixture.sessionToken)",
                  "Expiration" : "2026-01-01T01:00:00Z",
                  "AccountId" : "123456789012"
                }
                """)
        if case .text = response.body { Issue.record("a secret body must be marked as one") }
    }

    @Test(
        "What a caller may not have does not exist",
        arguments: [
            ("/role/admin", "RoleNotFound"), ("/role/", "NotFound"), ("/role", "NotFound"),
            ("/v2/credentials", "NotFound"),
            ("/latest/meta-data/", "NotFound"), ("/role-arn/arn:aws:iam::123456789012:role/other", "NotYet"),
        ])
    func notFound(target: String, code: String) throws {
        fixture.source.set(.unavailable(.signInRequired, retryAfter: nil), for: "auditor")
        let response = try get(target).response()
        #expect(response.status == .notFound)
        #expect(try response.members()["code"] == (code == "NotYet" ? "RoleNotFound" : code))
        #expect(!response.bodyText.contains("developer"))
    }

    @Test("A role ARN of another user's role is not found")
    func otherUsersARN() throws {
        fixture.source.set(.unavailable(.signInRequired, retryAfter: nil), for: "developer", user: 1001)
        let answer = get("/role-arn/arn:aws:iam::123456789012:role/team/developer", user: 1001)
        #expect(try answer.response().status == .notFound)
    }

    @Test("A role ARN waits for roles that are still being fetched")
    func fetchingARN() throws {
        let target = "/role-arn/arn:aws:iam::123456789012:role/team/auditor"
        #expect(get(target).awaitedKey == .of("auditor"))
        #expect(try get(target, isFinal: true).response().status == .serviceUnavailable)
        fixture.source.set(.usable(Fixture.prepared(role: "auditor")), for: "auditor")
        #expect(try get(target, isFinal: true).response().status == .ok)
    }

    @Test func `a role ARN asks for no policy that nobody uses`() throws {
        var rule = CallerRule(user: 1000, roles: [])
        rule.includesPolicies = true
        fixture.service.replace(
            rules: CallerRules([rule], policies: [.localUser(1000): ["developer", "idle"]]),
            facts: InstanceFacts(), at: Fixture.now)
        let before = fixture.source.asked
        #expect(try get("/role-arn/arn:aws:iam::123456789012:role/team/developer").response().status == .ok)
        #expect(try get("/role-arn/arn:aws:iam::123456789012:role/team/idle").response().status == .notFound)
        #expect(Set(fixture.source.asked.dropFirst(before.count)) == [.of("developer")])
    }

    @Test("Over TCP a missing, wrong, repeated or foreign token is a 401")
    func authorization() throws {
        let mine = fixture.tokens.token(forUser: 1000).revealed()
        let theirs = fixture.tokens.token(forUser: 1001).revealed()
        let restarted = ContainerTokens().token(forUser: 1000).revealed()
        let name = "Authorization"
        for headers in [
            [], [(name, "")], [(name, theirs)], [(name, mine + "\n")], [(name, "Bearer " + mine)],
            [(name, mine.lowercased())],
            [(name, mine), (name, mine)], [(name, String(mine.dropLast()))], [(name, restarted)],
        ] {
            let response = try fixture.ask(.GET, "/role/developer", headers, at: listener).response()
            #expect(response.status == .unauthorized)
            #expect(try response.members()["code"] == "InvalidAuthorizationToken")
        }
    }

    @Test("Over a Unix socket the user is enough, but a wrong token is still wrong")
    func unixSocket() throws {
        let unix = Fixture.listener(.containerCredentials, unix: true)
        #expect(try fixture.ask(.GET, "/", host: "localhost", at: unix).response().status == .ok)
        let wrong = [("Authorization", "x")]
        #expect(try fixture.ask(.GET, "/", wrong, host: "localhost", at: unix).response().status == .unauthorized)
    }

    @Test(
        "An unknown caller, or one without a rule, is a 403 that says so",
        arguments: [
            Fixture.caller(4242), .failure(.noSuchSocket), Fixture.caller(from: "192.0.2.1"),
        ])
    func notAllowed(caller: Result<Caller, UnknownCaller>) throws {
        let token = [("Authorization", fixture.tokens.token(forUser: 1000).revealed())]
        let response = try fixture.ask(.GET, "/", token, as: caller, at: listener).response()
        #expect(response.status == .forbidden)
        #expect(try response.members()["code"] == "CallerNotAllowed")
        guard case .callerRefused = response.note else {
            Issue.record("it is not logged")
            return
        }
    }

    @Test(
        "Failures have their stable code, and say what to do",
        arguments: [
            (CredentialFailure.signInRequired, UInt(403), "SignInRequired", "run: stsbroker login"),
            (.approvalPending("by alice"), 503, "ApprovalPending", "by alice"),
            (.accessDenied("no"), 403, "AccessDenied", "no"),
            (.roleNotFound, 404, "RoleNotFound", "run: stsbroker policies"),
            (.brokerUnreachable("timeout"), 503, "BrokerUnreachable", "timeout"),
            (.credentialsExpired, 503, "CredentialsExpired", "expired"),
        ])
    func failures(failure: CredentialFailure, status: UInt, code: String, message: String) throws {
        fixture.source.set(.unavailable(failure, retryAfter: nil), for: "developer")
        let response = try get("/").response()
        #expect(response.status.code == status)
        let members = try response.members()
        #expect(members["code"] == code)
        #expect(members["message"]??.contains(message) == true)
        #expect(response.retryAfter != nil || status != 503)
    }

    @Test("A first request waits; in the end it is a 503 with Retry-After")
    func fetching() throws {
        fixture.source.set(.fetching, for: "developer")
        #expect(get("/").awaitedKey == .of("developer"))
        let response = try get("/", isFinal: true).response()
        #expect(response.status == .serviceUnavailable)
        #expect(response.retryAfter == 1)
    }

    @Test("Other methods are a 405", arguments: [HTTPMethod.PUT, .POST, .DELETE])
    func methods(method: HTTPMethod) throws {
        let response = try get("/", method: method).response()
        #expect(response.status == .methodNotAllowed)
        #expect(response.allow == "GET, HEAD")
    }
}

@Suite("ContainerTokens")
struct ContainerTokensTests {
    @Test("A token is the user's own, 256 bits, stable and without newline")
    func token() {
        let tokens = ContainerTokens()
        let token = tokens.token(forUser: 1000).revealed()
        #expect(token.utf8.count == 43)
        #expect(token == tokens.token(forUser: 1000).revealed())
        #expect(tokens.isValid(token, forUser: 1000))
        #expect(!tokens.isValid(token, forUser: 1001))
        #expect(!ContainerTokens().isValid(token, forUser: 1000))
    }

    @Test("After a rotation there is another token, and the one before is good until the next")
    func rotation() {
        let tokens = ContainerTokens()
        let first = tokens.token(forUser: 1000).revealed()
        tokens.rotate()
        let second = tokens.token(forUser: 1000).revealed()
        #expect(first != second)
        #expect(tokens.isValid(first, forUser: 1000) && tokens.isValid(second, forUser: 1000))
        #expect(!tokens.isValid(first, forUser: 1001))
        tokens.rotate()
        #expect(!tokens.isValid(first, forUser: 1000) && tokens.isValid(second, forUser: 1000))
    }
}
