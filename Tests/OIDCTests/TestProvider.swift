import Credentials
import FoundationEssentials
import HTTPExchange
import IDTokens
import Logging
import Synchronization
import TestSupport

@testable import OIDC

/// An identity provider on loopback with discovery and keys that a test can change, break and count.
final class TestProvider: Sendable {
    struct State {
        var url = ""
        var keys: [[String: ClaimValue]] = []
        var isDown = false
        var discoveries = 0
        var keyFetches = 0
        /// What the discovery document says its issuer is, if not the truth.
        var claimedIssuer: String?
    }

    let state: Mutex<State>
    let time = SettableTime()
    /// Awaited before each answer.
    private let gate: @Sendable () async -> Void

    private init(keys: [TestKey], gate: @escaping @Sendable () async -> Void) {
        state = Mutex(State(keys: keys.map(\.jwk)))
        self.gate = gate
    }

    static func running<Result: Sendable>(
        keys: [TestKey], gate: @escaping @Sendable () async -> Void = {},
        _ body: (TestProvider) async throws -> Result
    ) async throws -> Result {
        let provider = TestProvider(keys: keys, gate: gate)
        return try await ScriptedServer.running({ await provider.reply(to: $0) }) { server in
            provider.state.withLock { $0.url = server.url }
            return try await body(provider)
        }
    }

    var issuer: String { state.withLock { $0.url } }

    /// A verifier that trusts this provider for the audience `client`.
    func verifier(
        algorithms: [String] = ["RS256", "ES256"], tokenUse: String? = nil, jwksURI: String? = nil,
        now: (@Sendable () -> Date)? = nil
    ) throws -> IDTokenVerifier {
        let terms = try TrustedIssuer(
            issuer: issuer, audiences: ["client", "other client"], jwksURI: jwksURI, algorithms: algorithms,
            tokenUse: tokenUse)
        return IDTokenVerifier(
            issuers: [terms], http: .shared, logger: Logger(label: "test"), timeout: .seconds(60),
            now: now ?? { [time] in time.now })
    }

    /// Claims that are accepted at `time.now`; `changes` override, and `.null` removes.
    func claims(_ changes: [String: ClaimValue] = [:]) -> [String: ClaimValue] {
        let now = time.now.timeIntervalSince1970
        let base: [String: ClaimValue] = [
            "iss": .string(issuer), "aud": .string("client"), "sub": .string("alice"), "exp": .number(now + 3_600),
            "iat": .number(now), "nbf": .number(now), "groups": .array([.string("dev"), .string("ops")]),
        ]
        return base.merging(changes) { $1 }.filter { $0.value != .null }
    }

    private func reply(to request: ScriptedServer.Request) async -> ScriptedServer.Reply {
        await gate()
        return state.withLock { state in
            switch request.target {
            case "/.well-known/openid-configuration":
                state.discoveries += 1
                if state.isDown { return .text("down", status: 503) }
                return Self.json([
                    "issuer": .string(state.claimedIssuer ?? state.url), "jwks_uri": .string(state.url + "/keys"),
                    "authorization_endpoint": .string(state.url + "/authorize"),
                    "token_endpoint": .string(state.url + "/token"),
                ])
            case "/keys":
                state.keyFetches += 1
                if state.isDown { return .text("down", status: 503) }
                return Self.json(["keys": .array(state.keys.map { .object($0) })])
            default:
                return .text("not found", status: 404)
            }
        }
    }

    private static func json(_ fields: [String: ClaimValue]) -> ScriptedServer.Reply {
        guard let body = try? JSONEncoder().encode(fields) else { return .reset }
        return .answer(status: 200, headers: [("Content-Type", "application/json")], body: Array(body))
    }
}

/// Time that stands still until a test moves it.
final class SettableTime: Sendable {
    private let instant = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: Date { instant.withLock { $0 } }

    func advance(by seconds: TimeInterval) {
        instant.withLock { $0 += seconds }
    }
}
