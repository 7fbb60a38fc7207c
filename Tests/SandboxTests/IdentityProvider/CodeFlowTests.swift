import Foundation
import JWTKit
import NIOHTTP1
import Testing

@testable import Sandbox

@Suite("The provider's code flow", .timeLimit(.minutes(5)))
struct CodeFlowTests {
    @Test("A browser and a command line get tokens that the published keys verify")
    func wholeFlow() async throws {
        try await RunningSandbox.run { sandbox in
            let issuer = sandbox.addresses.idpURL
            let flow = SignInFlow(issuer: issuer)
            let page = try await Browser.get(issuer + "/authorize?" + Browser.form(flow.request()))
            #expect(page.status == 200)
            #expect(page.headers.first(name: "content-type") == "text/html; charset=utf-8")
            for user in ["developer", "approver", "operator"] { #expect(page.body.contains("value=\"\(user)\"")) }
            let back = try await flow.pick("approver")
            #expect(back.status == 303)
            #expect(back.headers.first(name: "location")?.hasPrefix(flow.redirectURI + "?") == true)
            #expect(back.redirected["state"] == flow.state)
            #expect(back.redirected["iss"] == issuer)
            let answer = try await flow.exchange(try #require(back.redirected["code"]))
            #expect(answer.status == 200)
            #expect(answer.headers.first(name: "cache-control") == "no-store")
            let keys = JWTKeyCollection()
            try await keys.add(jwksJSON: try await Browser.get(issuer + "/jwks").body)
            let claims = try await keys.verify(try #require(answer.text("id_token")), as: IDTokenClaims.self)
            #expect(claims.iss == issuer && claims.aud == "stsbroker" && claims.tokenUse == "id")
            #expect(claims.nonce == "nonce-1" && claims.username == "approver" && claims.teams == "security")
            #expect(claims.email == "approver@example.com" && claims.emailVerified == true)
            #expect(claims.exp - claims.iat == 3600)
            let bearer = [("authorization", "Bearer \(answer.text("access_token") ?? "")")]
            let info = try await Browser.get(issuer + "/userinfo", headers: bearer)
            #expect(info.text("sub") == claims.sub)
            #expect(try await Browser.get(issuer + "/userinfo").status == 401)
        }
    }

    @Test("The discovery document names addresses of the provider itself")
    func discovery() async throws {
        try await RunningSandbox.run { sandbox in
            let issuer = sandbox.addresses.idpURL
            let answer = try await Browser.get(issuer + "/.well-known/openid-configuration")
            #expect(answer.text("jwks_uri") == issuer + "/jwks")
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let metadata = try decoder.decode(ProviderMetadata.self, from: Data(answer.body.utf8))
            #expect(metadata == ProviderMetadata(issuer: issuer))
            #expect(try await Browser.get(metadata.jwksUri).status == 200)
        }
    }

    @Test("A code is good once, soon, for one client, address and verifier")
    func codes() async throws {
        try await RunningSandbox.run { sandbox in
            let flow = SignInFlow(issuer: sandbox.addresses.idpURL)
            func error(_ changes: [(String, String?)]) async throws -> String? {
                let answer = try await flow.exchange(try await flow.code(), changes)
                #expect(answer.status == 400 || answer.status == 401)
                return answer.text("error")
            }
            #expect(try await error([("code_verifier", String(repeating: "x", count: 43))]) == "invalid_grant")
            #expect(try await error([("code_verifier", "short")]) == "invalid_grant")
            #expect(try await error([("code_verifier", nil)]) == "invalid_request")
            #expect(try await error([("redirect_uri", "http://127.0.0.1:50000/callback")]) == "invalid_grant")
            #expect(try await error([("client_id", "other")]) == "invalid_client")
            #expect(try await error([("code", "unknown")]) == "invalid_grant")
            #expect(try await error([("grant_type", "password")]) == "unsupported_grant_type")
            let code = try await flow.code()
            #expect(try await flow.exchange(code, [("code_verifier", "wrong")]).status == 400)
            #expect(try await flow.exchange(code).text("error") == "invalid_grant")
            let late = try await flow.code()
            sandbox.clock.advance(by: 61)
            #expect(try await flow.exchange(late).text("error") == "invalid_grant")
        }
    }

    @Test("Replaying a code revokes the tokens that came of it")
    func replay() async throws {
        try await RunningSandbox.run { sandbox in
            let flow = SignInFlow(issuer: sandbox.addresses.idpURL)
            let code = try await flow.code()
            let refreshToken = try #require(try await flow.exchange(code).text("refresh_token"))
            #expect(try await flow.refresh(refreshToken).status == 200)
            #expect(try await flow.exchange(code).text("error") == "invalid_grant")
            #expect(try await flow.refresh(refreshToken).text("error") == "invalid_grant")
        }
    }

    @Test(
        "A bad authorization request is told to the client, through the redirect address",
        arguments: [
            ("response_type", "token", "unsupported_response_type"), ("response_type", nil, "invalid_request"),
            ("code_challenge", nil, "invalid_request"), ("code_challenge", "short", "invalid_request"),
            ("code_challenge_method", "plain", "invalid_request"), ("code_challenge_method", nil, "invalid_request"),
            ("scope", "email", "invalid_scope"), ("scope", nil, "invalid_request"),
            ("prompt", "none", "login_required"),
        ] as [(String, String?, String)])
    func refusedRequests(name: String, value: String?, error: String) throws {
        let flow = SignInFlow(issuer: "http://127.0.0.1:1")
        let form = FormParameters(fields: flow.request([(name, value)]).map { .init(name: $0.0, value: $0.1) })
        let refusal = #expect(throws: AuthorizationRequest.Refusal.self) {
            try AuthorizationRequest(form, clients: [.stsbroker])
        }
        guard case .redirect(let answer, flow.redirectURI, flow.state) = refusal else {
            Issue.record("not redirected: \(String(describing: refusal))")
            return
        }
        #expect(answer.code.rawValue == error)
    }

    @Test("An unknown client or address gets a page and no redirect, with what it sent escaped")
    func untrustedAddress() async throws {
        try await RunningSandbox.run { sandbox in
            let flow = SignInFlow(issuer: sandbox.addresses.idpURL)
            let attack = "http://evil.example/\"><script>alert(1)</script>"
            for changes in [[("redirect_uri", attack)], [("client_id", attack)], [("redirect_uri", nil)]] {
                let answer = try await flow.pick("developer", changes)
                #expect(answer.status == 400)
                #expect(answer.headers.first(name: "location") == nil)
                #expect(!answer.body.contains("<script"))
            }
            let query = Browser.form(flow.request([("state", attack)]))
            let page = try await Browser.get(sandbox.addresses.idpURL + "/authorize?" + query)
            #expect(page.status == 200)
            #expect(!page.body.contains("<script"))
            #expect(try await flow.pick("nobody").status == 400)
            #expect(try await flow.pick("").redirected["error"] == "access_denied")
        }
    }

    @Test(
        "Redirect addresses: a loopback IP address with any port, all else exactly",
        arguments: [
            ("http://127.0.0.1:1234/callback", true), ("http://127.0.0.1/callback", true),
            ("http://[::1]:65535/callback", true), ("http://127.0.0.1:1/", true),
            ("http://localhost:1234/callback", false), ("http://127.0.0.1:99999/callback", false),
            ("http://127.0.0.1:/callback", false), ("http://127.0.0.1:1234/other", false),
            ("https://127.0.0.1:1234/callback", false), ("http://127.0.0.1.evil.example/callback", false),
            ("http://127.0.0.1:1234@evil.example/callback", false), ("http://127.0.0.1:1/callback#x", false),
            ("http://127.0.0.1:1/callback\r\nx: y", false), ("", false),
        ])
    func redirectAddresses(address: String, isAllowed: Bool) {
        #expect(RegisteredClient.stsbroker.allows(redirectURI: address) == isAllowed)
    }
}
