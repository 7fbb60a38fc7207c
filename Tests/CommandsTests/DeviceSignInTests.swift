import Credentials
import HTTPExchange
import OIDC
import Synchronization
import TestSupport
import Testing

@testable import Commands

@Suite(.timeLimit(.minutes(1))) struct DeviceSignInTests {
    private static let start = #"""
        {"device_code":"d","user_code":"AB-CD","verification_uri":"https://idp.example/d","expires_in":60,"interval":5}
        """#

    /// Runs a device sign-in against a provider that answers the polls with `polls` one after the other; the clock is moved by
    /// `pauses`, one for each time that the command sleeps.
    private func signIn(polls: [(Int, String)], pauses: [Int]) async throws -> Result<TokenSet, SignInError> {
        let rest = Mutex(polls)
        return try await ScriptedServer.running({ request in
            if request.target == "/device" { return .text(Self.start) }
            let (status, body) = rest.withLock { $0.isEmpty ? (400, "{}") : $0.removeFirst() }
            return .text(body, status: status)
        }) { server in
            let clock = TestClock()
            let metadata = ProviderMetadata(
                issuer: server.url, authorizationEndpoint: server.url + "/a", tokenEndpoint: server.url + "/token",
                jwksURI: server.url + "/k", deviceAuthorizationEndpoint: server.url + "/device")
            let flow = DeviceSignIn(
                endpoint: TokenEndpoint(http: .shared, metadata: metadata, clientID: "cli", timeout: .seconds(60)),
                scopes: ["openid"], clock: clock)
            async let outcome = outcome(of: flow)
            for pause in pauses {
                try await clock.sleepers(1)
                clock.advance(by: .seconds(pause))
            }
            return await outcome
        }
    }

    private func outcome(of flow: DeviceSignIn) async -> Result<TokenSet, SignInError> {
        do throws(SignInError) {
            return .success(try await flow.tokens())
        } catch {
            return .failure(error)
        }
    }

    @Test func `polls at the provider's interval, and five seconds slower when told to slow down`() async throws {
        let polls = [
            (400, #"{"error":"authorization_pending"}"#), (400, #"{"error":"slow_down"}"#), (200, #"{"id_token":"t"}"#),
        ]
        // Too short a pause would leave the command asleep, and the test with it.
        let outcome = try await signIn(polls: polls, pauses: [5, 5, 10])
        #expect(outcome == .success(TokenSet(idToken: Secret("t"), refreshToken: nil, expiresIn: nil)))
    }

    @Test func `ends when the person refuses`() async throws {
        let outcome = try await signIn(polls: [(400, #"{"error":"access_denied"}"#)], pauses: [5])
        #expect(outcome == .failure(.denied("access_denied")))
    }

    @Test func `ends when the code's time is over`() async throws {
        let pending = (400, #"{"error":"authorization_pending"}"#)
        let outcome = try await signIn(
            polls: Array(repeating: pending, count: 12), pauses: Array(repeating: 5, count: 12))
        #expect(outcome == .failure(.timedOut))
    }
}
