import Foundation
import NIOHTTP1
import Testing

@testable import Sandbox

@Suite("The control endpoint", .timeLimit(.minutes(5)))
struct ControlEndpointTests {
    @Test("Malformed input is a 400 that says what is wrong, and arms nothing")
    func malformed() async throws {
        try await RunningSandbox.run { sandbox in
            let cases = [
                ("faults", "", "no JSON object"), ("faults", "[]", "wrong type"), ("faults", "{", "no JSON object"),
                ("faults", #"{"target":"idp","kind":"hang"}"#, "'seconds' is missing"),
                ("faults", #"{"target":"moon","kind":"hang","seconds":1}"#, "'target' has no known value"),
                ("faults", #"{"target":"idp","kind":"dance","seconds":1}"#, "'kind' has no known value"),
                ("faults", #"{"target":"idp","kind":"hang","seconds":"1"}"#, "'seconds' has the wrong type"),
                ("faults", #"{"target":"idp","kind":"hang","seconds":0}"#, "seconds must be"),
                ("faults", #"{"target":"idp","kind":"hang","seconds":1e300}"#, "seconds must be"),
                (
                    "faults", #"{"target":"idp","kind":"hang","seconds":1,"period_seconds":-1}"#,
                    "period_seconds must be"
                ),
                ("faults", #"{"target":"idp","kind":"hang","seconds":1,"status":500}"#, "status must be"),
                ("faults", #"{"target":"idp","kind":"error","seconds":1,"status":99}"#, "status must be"),
                ("faults", #"{"target":"idp","kind":"hang","seconds":1,"every":2}"#, "unknown key 'every'"),
                ("faults", #"{"target":"idp","kind":"hang","seconds":1,"path":"x"}"#, "path must begin with /"),
                ("tokens", #"{}"#, "'user' is missing"), ("tokens", #"{"user":"root"}"#, "no sample user 'root'"),
                ("tokens", #"{"user":"developer","lifetime_seconds":9223372036854775807}"#, "within a year"),
                ("tokens", #"{"user":"developer","algorithm":"none"}"#, "'algorithm' has no known value"),
                ("keys/rotate", #"{"forget_old":1}"#, "'forget_old' has the wrong type"),
            ]
            for (path, body, problem) in cases {
                let url = "\(sandbox.addresses.controlURL)/\(path)"
                let answer = try await Browser.send(.POST, url, body: Array(body.utf8))
                #expect(answer.status == 400, "\(body)")
                #expect(answer.text("error")?.contains(problem) == true, "\(body): \(answer.body)")
            }
            #expect(sandbox.local.board.armed.isEmpty)
        }
    }

    @Test("Counters can be read and reset")
    func counters() async throws {
        try await RunningSandbox.run { sandbox in
            let url = sandbox.addresses.controlURL + "/counters"
            _ = try await Browser.get(sandbox.addresses.idpURL + "/jwks?x=1")
            _ = try await Browser.get(sandbox.addresses.idpURL + "/jwks")
            #expect(try await Browser.get(url).body == #"{"broker":{},"idp":{"GET /jwks":2},"sts":{}}"#)
            #expect(try await Browser.send(.DELETE, url).status == 204)
            #expect(try await Browser.get(url).body == #"{"broker":{},"idp":{},"sts":{}}"#)
        }
    }

    @Test("Tokens for tests can have another audience, algorithm and lifetime")
    func tokens() async throws {
        try await RunningSandbox.run { sandbox in
            let body = #"{"user":"approver","audience":"other","algorithm":"ES256","lifetime_seconds":-5}"#
            let answer = try await Browser.send(
                .POST, sandbox.addresses.controlURL + "/tokens", body: Array(body.utf8))
            #expect(answer.status == 200 && answer.text("refresh_token") != nil)
            let claims = try await sandbox.local.tokens.keys.verify(try #require(answer.text("id_token")))
            #expect(claims.aud == "other" && claims.username == "approver" && claims.exp - claims.iat == -5)
        }
    }

    @Test("Rotating keys through HTTP changes what is published")
    func rotation() async throws {
        try await RunningSandbox.run { sandbox in
            let before = try await Browser.get(sandbox.addresses.idpURL + "/jwks").body
            let url = sandbox.addresses.controlURL + "/keys/rotate"
            #expect(try await Browser.send(.POST, url).status == 200)
            let after = try await Browser.get(sandbox.addresses.idpURL + "/jwks").body
            #expect(before != after)
        }
    }

    @Test("A web page can't use it: requests with an Origin or another host's name are refused")
    func webPages() async throws {
        try await RunningSandbox.run { sandbox in
            let url = sandbox.addresses.controlURL + "/counters"
            let crossSite = try await Browser.get(url, headers: [("origin", "http://evil.example")])
            #expect(crossSite.status == 403)
            let rebound = try await Browser.get(url, headers: [("host", "evil.example")])
            #expect(rebound.status == 403)
        }
    }
}
