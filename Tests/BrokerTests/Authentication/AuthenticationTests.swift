import AccessControl
import BrokerStore
import Foundation
import Hummingbird
import Testing

@testable import Broker

@Suite("Authentication")
struct AuthenticationTests {
    static let paths: [(HTTPRequest.Method, String)] = [
        (.get, "/v1/policies"), (.post, "/v1/credentials"), (.get, "/policies"), (.post, "/credentials/request"),
        (.get, "/credentials"),
    ]

    @Test("Every path but health wants a token", arguments: paths)
    func tokenNeeded(method: HTTPRequest.Method, path: String) async throws {
        let answer = try await BrokerUnderTest().send(method, path, headers: [:], body: nil)
        #expect(answer.status == 401)
        #expect(answer.problemCode == "invalid_token")
        #expect(answer.headers[.wwwAuthenticate] == "Bearer")
    }

    @Test("The token may stand alone or after Bearer, in any case", arguments: ["", "Bearer ", "bearer ", "BEARER  "])
    func headerForms(_ prefix: String) async throws {
        let headers: HTTPFields = [.authorization: prefix + FakeTokens.developer]
        #expect(try await BrokerUnderTest().send(.get, "/v1/policies", headers: headers, body: nil).status == 200)
    }

    @Test(
        "Any other header is refused",
        arguments: [
            "Bearer", "Basic dXNlcjpwYXNz", "Bearer a b", "Bearer " + String(repeating: "a", count: 16_385), "tökén",
        ])
    func badHeaders(_ value: String) async throws {
        let answer = try await BrokerUnderTest().send(
            .get, "/v1/policies", headers: [.authorization: value], body: nil)
        #expect(answer.status == 401)
        #expect(answer.problemCode == "invalid_token")
    }

    @Test(
        "A bad token says which class of problem it is, without an echo, and is audited",
        arguments: [
            (FakeTokens.expired, 401, "invalid_token", "expired"),
            ("forged.token.value", 401, "invalid_token", "signature"),
            (FakeTokens.otherIssuer, 401, "invalid_token", "issuer"),
            (FakeTokens.unverifiable, 503, "temporarily_unavailable", "keys"),
            (FakeTokens.oddTeams, 403, "access_denied", "custom:teams"),
        ])
    func badTokens(token: String, status: Int, code: String, mention: String) async throws {
        let broker = try await BrokerUnderTest()
        let answer = try await broker.send(.get, "/v1/policies", token: token)
        #expect(answer.status == status)
        #expect(answer.problemCode == code)
        #expect(answer.detail.contains(mention))
        #expect(!answer.body.contains(token))
        #expect(try await broker.auditKinds() == [.authenticationFailure])
    }

    @Test("Failures fill neither the disk nor stay uncounted")
    func failuresAreBounded() async throws {
        let broker = try await BrokerUnderTest()
        let application = broker.parts.authenticator
        for _ in 0..<100 {
            await #expect(throws: AuthenticationFailure.self) {
                _ = try await application.principal(in: [.authorization: "forged"], path: "/")
            }
        }
        #expect(try await broker.auditKinds().count == 60)
        broker.clock.advance(by: 61)
        await #expect(throws: AuthenticationFailure.self) {
            _ = try await application.principal(in: [.authorization: "forged"], path: "/")
        }
        let last = try await broker.records.auditTrail(after: 0, limit: 1000).last?.event
        #expect(
            last
                == .authenticationFailure(
                    .init(problem: "bad_signature", path: "/", source: RequestSource(), suppressed: 40)))
    }

    @Test(
        "Defect B2: teams in one text are read in every form that providers write",
        arguments: [
            ("a,b", ["a", "b"]), ("a b", ["a", "b"]), ("a, b", ["a", "b"]), ("[a, b]", ["a", "b"]), ("[a]", ["a"]),
            (#"["a","b"]"#, ["a", "b"]), (" [ a , b ] ", ["a", "b"]), ("", []), ("  ", []), ("[]", []), ("a", ["a"]),
        ])
    func teams(text: String, names: [String]) {
        #expect(TeamsClaim.names(in: text) == names)
    }

    @Test(
        "Unbalanced or empty parts mean nothing at all",
        arguments: [
            "[a", "a]", "\"a", "a\"", "a,,b", ",", "a,", "[[a]]", "[a][b]", "a;\u{7}", "'a'", "\"\"", "\"", "[", "]",
        ])
    func badTeams(_ text: String) {
        #expect(TeamsClaim.names(in: text) == nil)
    }
}
