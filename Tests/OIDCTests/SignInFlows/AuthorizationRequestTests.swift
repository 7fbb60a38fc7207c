import Credentials
import Crypto
import FoundationEssentials
import OIDC
import Testing

@Suite struct AuthorizationRequestTests {
    private static func request(endpoint: String = "https://idp.example/authorize") -> AuthorizationRequest {
        AuthorizationRequest(
            metadata: ProviderMetadata(
                issuer: "https://idp.example", authorizationEndpoint: endpoint,
                tokenEndpoint: "https://idp.example/token",
                jwksURI: "https://idp.example/keys"),
            clientID: "cli & co", redirectURI: "http://127.0.0.1:5000/callback", scopes: ["openid", "email"])
    }

    @Test(
        "Defect A11: asks with PKCE, state and nonce, new ones each time",
        arguments: ["https://idp.example/authorize", "https://idp.example/a?tenant=1"])
    func buildsURL(endpoint: String) throws {
        let (request, other) = (Self.request(endpoint: endpoint), Self.request(endpoint: endpoint))
        let query = try Self.query(request)
        #expect(request.url.hasPrefix(endpoint))
        #expect(query["response_type"] == "code")
        #expect(query["client_id"] == "cli & co")
        #expect(query["redirect_uri"] == "http://127.0.0.1:5000/callback")
        #expect(query["scope"] == "openid email")
        #expect(query["code_challenge_method"] == "S256")
        let digest = request.codeVerifier.withBytes { SHA256.hash(data: Array($0)) }
        #expect(query["code_challenge"] == base64URL(digest))
        #expect(request.codeVerifier.count == 43)
        let otherQuery = try Self.query(other)
        for name in ["state", "nonce", "code_challenge"] { #expect(query[name] != otherQuery[name]) }
    }

    @Test("takes the code of its own redirect")
    func takesCode() throws {
        let request = Self.request()
        let state = try #require(try Self.query(request)["state"])
        #expect(try request.code(fromRedirect: "/callback?code=a%2Fb+c&state=\(state)") == "a/b c")
        #expect(try request.code(fromRedirect: "/callback?state=\(state)&code=x&iss=https%3A%2F%2Fidp.example") == "x")
    }

    @Test(
        "Defect A11: refuses other redirects",
        arguments: [
            ("/callback", .stateMismatch), ("/callback?", .stateMismatch), ("/callback?code=x", .stateMismatch),
            ("/callback?code=x&state=wrong", .stateMismatch),
            ("/callback?code=x&state=STATE&state=STATE", .stateMismatch),
            ("/callback?code=x&state=STATE%", .stateMismatch), ("/callback?error=access_denied", .stateMismatch),
            ("/callback?error=access_denied&state=STATE", .denied("access_denied")),
            ("/callback?error=access_denied&error_description=not+you&state=STATE", .denied("access_denied: not you")),
            ("/callback?error=login_required&state=STATE", .signInRequired),
            ("/callback?error=server_error&state=STATE", .unavailable("server_error")),
            ("/callback?error=invalid_scope&state=STATE", .refused("invalid_scope")),
            ("/callback?state=STATE", .invalidAnswer("the redirect has no code, or more than one")),
            ("/callback?code=&state=STATE", .invalidAnswer("the redirect has no code, or more than one")),
            ("/callback?code=x&code=y&state=STATE", .invalidAnswer("the redirect has no code, or more than one")),
            (
                "/callback?code=x&state=STATE&iss=https://evil.example",
                .foreignAnswer("the redirect comes from another issuer")
            ),
        ] as [(String, SignInError)])
    func refusesRedirect(target: String, error: SignInError) throws {
        let request = Self.request()
        let state = try #require(try Self.query(request)["state"])
        #expect(throws: error) { try request.code(fromRedirect: target.replacing("STATE", with: state)) }
    }

    @Test("checks the token's nonce")
    func checksNonce() throws {
        let request = Self.request()
        let nonce = try #require(try Self.query(request)["nonce"])
        let key = try TestKey.make("ES256", id: "k")
        let claims: [String: ClaimValue] = ["sub": .string("a"), "exp": .number(1_800_000_000)]
        for (value, accepted) in [(nonce, true), ("other", false), ("", false)] {
            let token = try key.token(claims.merging(["nonce": .string(value)]) { $1 })
            let shown = try UnverifiedIDToken(Secret(token))
            if accepted {
                try request.checkNonce(of: shown)
            } else {
                #expect(throws: SignInError.self) { try request.checkNonce(of: shown) }
            }
        }
        let without = try UnverifiedIDToken(Secret(try key.token(claims)))
        #expect(throws: SignInError.self) { try request.checkNonce(of: without) }
    }

    @Test func `secrets that were kept finish the request that was begun with them`() throws {
        let secrets = AuthorizationSecrets.random()
        #expect(secrets != .random())
        let kept = try #require(AuthorizationSecrets(revealed: secrets.revealed()))
        #expect(kept == secrets)
        #expect(!"\(secrets)".contains(secrets.revealed().prefix(43)))
        for text in ["", "..", String(secrets.revealed().dropLast()), secrets.revealed() + ".x"] {
            #expect(AuthorizationSecrets(revealed: text) == nil)
        }
    }

    /// The query, read by Foundation rather than by the code under test.
    private static func query(_ request: AuthorizationRequest) throws -> [String: String] {
        let items = try #require(URLComponents(string: request.url)?.queryItems)
        return Dictionary(items.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { first, _ in first })
    }
}
