import Credentials
import Foundation
import HTTPExchange
import NIOHTTP1
import OIDC
import Synchronization
import TestSupport
import Testing

@testable import Broker

/// The broker as a client of an identity provider that a test scripts.
@Suite struct BrowserProviderTests {
    /// What the provider is asked, and what its tokens say.
    private final class Script: Sendable {
        let requests = Mutex<[ScriptedServer.Request]>([])
        let claims: @Sendable (String) -> [String: Any]
        let url = Mutex("")

        init(claims: @escaping @Sendable (String) -> [String: Any]) {
            self.claims = claims
        }

        func reply(to request: ScriptedServer.Request) -> ScriptedServer.Reply {
            requests.withLock { $0.append(request) }
            let url = url.withLock { $0 }
            guard request.target == "/token" else {
                return .text(
                    """
                    {"issuer":"\(url)","authorization_endpoint":"\(url)/authorize","token_endpoint":"\(url)/token",\
                    "jwks_uri":"\(url)/jwks"}
                    """)
            }
            let payload = (try? JSONSerialization.data(withJSONObject: claims(url))) ?? Data()
            let head = Base64URL.text(Array(#"{"alg":"RS256"}"#.utf8))
            return .text(#"{"id_token":"\#(head).\#(Base64URL.text(payload)).c2ln"}"#)
        }
    }

    private static let secrets = AuthorizationSecrets.random()
    /// `verifier.state.nonce`
    private static let parts = secrets.revealed().split(separator: ".").map(String.init)

    private func identity(
        redirect: String? = nil, secret: Secret? = nil, times: Int = 1,
        claims: @escaping @Sendable (String) -> [String: Any]
    ) async throws -> (BrowserIdentity, [ScriptedServer.Request]) {
        let script = Script(claims: claims)
        return try await ScriptedServer.running({ script.reply(to: $0) }) { server in
            script.url.withLock { $0 = server.url }
            let settings = WebSettings(
                origin: "https://broker.example", issuer: server.url, clientID: "pages & more", clientSecret: secret)
            let provider = BrowserProvider(
                settings, http: .shared, now: { Date(timeIntervalSince1970: 1_800_000_000) })
            let target = redirect ?? "/sign-in/callback?code=c&state=\(Self.parts[1])"
            var last: BrowserIdentity?
            for _ in 0..<times { last = try await provider.identity(answering: Self.secrets, redirect: target) }
            return (try #require(last), script.requests.withLock { $0 })
        }
    }

    private static func good(_ issuer: String) -> [String: Any] {
        ["iss": issuer, "sub": "1", "exp": 1_800_000_600, "nonce": parts[2]]
    }

    @Test func `a code is redeemed with its verifier, for the broker's own address`() async throws {
        let (identity, requests) = try await identity(claims: Self.good)
        #expect(identity.expiration == Date(timeIntervalSince1970: 1_800_000_600))
        let body = try #require(requests.last?.body)
        #expect(body.contains("code=c&redirect_uri=https%3A%2F%2Fbroker.example%2Fsign-in%2Fcallback"))
        #expect(body.contains("code_verifier=\(Self.parts[0])&client_id=pages%20%26%20more"))
        #expect(requests.last?.headers["Authorization"].isEmpty == true)
    }

    @Test func `a client with a secret says so in the header, and nowhere else`() async throws {
        let (_, requests) = try await identity(secret: Secret("s:1"), claims: Self.good)
        let expected = Data("pages%20%26%20more:s%3A1".utf8).base64EncodedString()
        #expect(requests.last?.headers["Authorization"] == ["Basic \(expected)"])
        #expect(requests.last?.body.contains("s%3A1") == false)
    }

    @Test func `the provider is asked for its description once in ten minutes`() async throws {
        let (_, requests) = try await identity(times: 3, claims: Self.good)
        #expect(requests.map(\.target) == ["/.well-known/openid-configuration", "/token", "/token", "/token"])
    }

    @Test func `a provider that is down is asked again after five seconds, not for each browser`() async throws {
        let asked = Mutex(0)
        let clock = SettableClock()
        try await ScriptedServer.running({ _ in
            asked.withLock { $0 += 1 }
            return .text("", status: 503)
        }) { server in
            let settings = WebSettings(origin: "https://broker.example", issuer: server.url, clientID: "pages")
            let provider = BrowserProvider(settings, http: .shared, now: { clock.now })
            for _ in 0..<3 {
                await #expect(throws: SignInError.self) { try await provider.address(for: Self.secrets) }
            }
            #expect(asked.withLock { $0 } == 1)
            clock.advance(by: 5)
            await #expect(throws: SignInError.self) { try await provider.address(for: Self.secrets) }
            #expect(asked.withLock { $0 } == 2)
        }
    }

    @Test(arguments: [
        ("nonce", SignInProblem.foreignAnswer), ("iss", SignInProblem.foreignAnswer),
        ("exp", SignInProblem.unusableAnswer),
    ])
    func `a token of another sign-in or issuer is refused`(claim: String, problem: SignInProblem) async throws {
        let error = await #expect(throws: SignInError.self) {
            try await identity { issuer in
                var claims = Self.good(issuer)
                claims[claim] = claim == "exp" ? nil : "other"
                return claims
            }
        }
        let failure = try #require(error)
        #expect(SignInProblem(failure) == problem)
    }

    @Test(arguments: [
        "?code=c&state=other", "?code=c", "?state=STATE&error=access_denied", "?code=c&code=d&state=STATE",
    ])
    func `a redirect that answers nothing of ours is refused before anything is redeemed`(query: String) async throws {
        let target = "/sign-in/callback" + query.replacing("STATE", with: Self.parts[1])
        await #expect(throws: SignInError.self) { try await identity(redirect: target, claims: Self.good) }
    }
}
