import Credentials
import HTTPExchange
import OIDC
import Synchronization
import TestSupport
import Testing

@Suite struct TokenEndpointTests {
    @Test("refreshes: sends the refresh token as a public client, and reads the tokens")
    func refreshes() async throws {
        let (tokens, sent) = try await exchange(
            .text(#"{"id_token":"new.id.token","refresh_token":"r2","expires_in":3600,"token_type":"Bearer"}"#)
        ) { try await $0.refresh(Secret("r1 /+")) }
        #expect(
            tokens == TokenSet(idToken: Secret("new.id.token"), refreshToken: Secret("r2"), expiresIn: .seconds(3_600)))
        #expect(sent == "grant_type=refresh_token&refresh_token=r1%20%2F%2B&client_id=cli")
    }

    @Test("tells a refresh token that stays from one that is replaced", arguments: ["", #","refresh_token":"""#])
    func keepsRefreshToken(field: String) async throws {
        let (tokens, _) = try await exchange(.text(#"{"id_token":"t"\#(field)}"#)) {
            try await $0.refresh(Secret("r1"))
        }
        #expect(tokens.refreshToken == nil)
        #expect(tokens.expiresIn == nil)
    }

    @Test(
        "reads how long the refresh token is good for, by either name that providers have for it",
        arguments: [
            ("", .unstated), (#","refresh_expires_in":1800"#, .limited(.seconds(1800))),
            (#","refresh_token_expires_in":"15811200""#, .limited(.seconds(15_811_200))),
            (#","refresh_expires_in":0"#, .unlimited), (#","refresh_token_expires_in":0"#, .unlimited),
            (#","refresh_expires_in":null,"refresh_token_expires_in":60"#, .limited(.seconds(60))),
            (#","refresh_expires_in":-1"#, .unstated), (#","refresh_expires_in":0.5"#, .unstated),
            (#","refresh_expires_in":31536001"#, .unstated), (#","refresh_expires_in":"soon""#, .unstated),
            (#","refresh_expires_in":true"#, .unstated),
        ] as [(String, RefreshTokenLifetime)])
    func readsRefreshLifetime(field: String, lifetime: RefreshTokenLifetime) async throws {
        let (tokens, _) = try await exchange(.text(#"{"id_token":"t","refresh_token":"r2"\#(field)}"#)) {
            try await $0.refresh(Secret("r1"))
        }
        #expect(tokens.refreshLifetime == lifetime)
    }

    @Test("revokes a refresh token, whatever the answer's body (RFC 7009 section 2.2)")
    func revokes() async throws {
        let (_, sent) = try await exchange(.text("")) { try await $0.revoke(Secret("r1")) }
        #expect(sent == "token=r1&token_type_hint=refresh_token&client_id=cli")
        await #expect(throws: SignInError.unavailable("it answered with status 503")) {
            try await exchange(.text("", status: 503)) { try await $0.revoke(Secret("r1")) }
        }
    }

    @Test("redeems a code with its verifier")
    func redeems() async throws {
        let (_, sent) = try await exchange(.text(#"{"id_token":"t"}"#)) {
            try await $0.redeem(code: "c", verifier: Secret("v"), redirectURI: "http://127.0.0.1:1/callback")
        }
        #expect(
            sent == "grant_type=authorization_code&code=c&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcallback"
                + "&code_verifier=v&client_id=cli")
    }

    @Test(
        "sorts failures by what the caller can do about them",
        arguments: [
            (400, #"{"error":"invalid_grant"}"#, .signInRequired),
            (400, #"{"error":"expired_token"}"#, .signInRequired),
            (400, #"{"error":"access_denied"}"#, .denied("access_denied")),
            (401, #"{"error":"invalid_client","error_description":"who?"}"#, .refused("invalid_client: who?")),
            (400, #"{"error":"slow_down"}"#, .unavailable("slow_down")),
            (429, #"{"error":"invalid_grant"}"#, .unavailable("it answered with status 429")),
            (500, #"{"error":"invalid_grant"}"#, .unavailable("it answered with status 500")),
            (400, "<html>", .unavailable("it answered with status 400")),
            (404, "", .unavailable("it answered with status 404")),
            (200, "", .invalidAnswer("it is not JSON")), (200, "[]", .invalidAnswer("it is not JSON")),
            (200, "{}", .invalidAnswer("it has no id_token; ask for the scope openid")),
            (200, #"{"id_token":7}"#, .invalidAnswer("it has no id_token; ask for the scope openid")),
        ] as [(Int, String, SignInError)])
    func sortsFailures(status: Int, body: String, error: SignInError) async throws {
        await #expect(throws: error) {
            try await exchange(.text(body, status: status)) { try await $0.refresh(Secret("r1")) }
        }
    }

    @Test("calls a silent, broken or endless provider unavailable", arguments: [0, 1, 2, 3])
    func unavailable(fault: Int) async throws {
        let replies: [ScriptedServer.Reply] = [
            .hang, .reset, .stall(body: Array(#"{"id_token":"t"}"#.utf8)),
            .text(String(repeating: " ", count: 300_000)),
        ]
        let error = await #expect(throws: SignInError.self) {
            try await exchange(replies[fault], timeout: .milliseconds(fault == 3 ? 10_000 : 300)) {
                try await $0.refresh(Secret("r1"))
            }
        }
        guard case .unavailable? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("runs a device sign-in")
    func deviceFlow() async throws {
        let (authorization, sent) = try await exchange(
            .text(
                #"{"device_code":"d","user_code":"AB-CD","verification_uri":"https://idp.example/d","expires_in":600}"#)
        ) { try await $0.beginDeviceAuthorization(scopes: ["openid"]) }
        #expect(sent == "scope=openid&client_id=cli")
        #expect(authorization.userCode == "AB-CD")
        #expect(authorization.interval == .seconds(5))
        #expect(authorization.expiresIn == .seconds(600))
        for (status, body, poll) in [
            (400, #"{"error":"authorization_pending"}"#, DevicePoll.pending),
            (400, #"{"error":"slow_down"}"#, .slowDown),
            (200, #"{"id_token":"t"}"#, .finished(TokenSet(idToken: Secret("t"), refreshToken: nil, expiresIn: nil))),
        ] {
            let (found, _) = try await exchange(.text(body, status: status)) { try await $0.pollDevice(authorization) }
            #expect(found == poll)
        }
        await #expect(throws: SignInError.signInRequired) {
            try await exchange(.text(#"{"error":"expired_token"}"#, status: 400)) {
                try await $0.pollDevice(authorization)
            }
        }
    }

    @Test("does not show a person an address that is not https")
    func refusesVerificationURI() async throws {
        await #expect(throws: SignInError.self) {
            try await exchange(
                .text(#"{"device_code":"d","user_code":"A","verification_uri":"javascript:alert(1)","expires_in":600}"#)
            ) { try await $0.beginDeviceAuthorization() }
        }
    }

    /// Runs one call against a provider that gives `reply`; answers the result and the body that was sent.
    private func exchange<Result: Sendable>(
        _ reply: ScriptedServer.Reply, timeout: Duration = .seconds(60),
        _ call: @Sendable (TokenEndpoint) async throws -> Result
    ) async throws -> (Result, String) {
        let sent = Mutex("")
        return try await ScriptedServer.running({ request in
            sent.withLock { $0 = request.body }
            return reply
        }) { server in
            let metadata = ProviderMetadata(
                issuer: server.url, authorizationEndpoint: server.url + "/a", tokenEndpoint: server.url + "/token",
                jwksURI: server.url + "/keys", deviceAuthorizationEndpoint: server.url + "/device",
                revocationEndpoint: server.url + "/revoke")
            let result = try await call(
                TokenEndpoint(http: .shared, metadata: metadata, clientID: "cli", timeout: timeout))
            return (result, sent.withLock { $0 })
        }
    }
}
