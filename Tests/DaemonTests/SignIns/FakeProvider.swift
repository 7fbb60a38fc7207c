import Credentials
import Daemon
import FoundationEssentials
import OIDC
import Synchronization
import TestSupport

/// An identity provider that answers when, and with what, a test says.
final class FakeProvider: TokenRefreshing {
    private typealias Answer = Result<TokenSet, SignInError>

    private struct State {
        var refreshTokens: [String] = []
        var revoked: [String] = []
        var waiting: [CheckedContinuation<Answer, Never>] = []
        var prepared: [Answer] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    /// The refresh tokens that came, in their order.
    var refreshTokens: [String] { state.withLock { $0.refreshTokens } }

    func refresh(_ refreshToken: Secret) async throws(SignInError) -> TokenSet {
        let answer = await withCheckedContinuation { (continuation: CheckedContinuation<Answer, Never>) in
            let prepared = state.withLock { state -> Answer? in
                state.refreshTokens.append(refreshToken.revealed())
                guard state.prepared.isEmpty else { return state.prepared.removeFirst() }
                if state.isClosed { return Self.closed }
                state.waiting.append(continuation)
                return nil
            }
            if let prepared { continuation.resume(returning: prepared) }
        }
        return try answer.get()
    }

    /// The refresh tokens that were revoked, in their order.
    var revoked: [String] { state.withLock { $0.revoked } }

    func revoke(_ refreshToken: Secret) async throws(SignInError) {
        state.withLock { $0.revoked.append(refreshToken.revealed()) }
    }

    /// Answers the oldest refresh that waits, or else the next to come.
    func answer(_ answer: Result<TokenSet, SignInError>) {
        let waiting = state.withLock { state -> CheckedContinuation<Answer, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.prepared.append(answer)
            return nil
        }
        waiting?.resume(returning: answer)
    }

    /// Answers with a new ID token.
    func answer(_ idToken: Secret, refreshToken: String? = nil) {
        answer(.success(TokenSet(idToken: idToken, refreshToken: refreshToken.map { Secret($0) }, expiresIn: nil)))
    }

    /// Returns once `count` refreshes have come. If they haven't within a minute, it throws, and all that come are refused,
    /// so that nobody waits for an answer.
    func asked(_ count: Int) async throws {
        do {
            try await awaited("\(count) refreshes") { refreshTokens.count >= count }
        } catch {
            let waiting = state.withLock { state in
                state.isClosed = true
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume(returning: Self.closed) }
            throw error
        }
    }

    private static let closed = Answer.failure(.denied("closed"))
}
