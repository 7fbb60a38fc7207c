import Credentials
import Daemon
import FoundationEssentials
import OIDC
import Synchronization

/// An identity provider that answers when, and with what, a test says.
final class FakeProvider: TokenRefreshing {
    private typealias Answer = Result<TokenSet, SignInError>

    private struct State {
        var refreshTokens: [String] = []
        var revoked: [String] = []
        var waiting: [CheckedContinuation<Answer, Never>] = []
        var prepared: [Answer] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// The refresh tokens that came, in their order.
    var refreshTokens: [String] { state.withLock { $0.refreshTokens } }

    func refresh(_ refreshToken: Secret) async throws(SignInError) -> TokenSet {
        let answer = await withCheckedContinuation { (continuation: CheckedContinuation<Answer, Never>) in
            let (prepared, watchers) = state.withLock { state in
                state.refreshTokens.append(refreshToken.revealed())
                let count = state.refreshTokens.count
                let due = state.watchers.filter { $0.count <= count }.map(\.continuation)
                state.watchers.removeAll { $0.count <= count }
                if state.prepared.isEmpty { state.waiting.append(continuation) }
                return (state.prepared.isEmpty ? nil : state.prepared.removeFirst(), due)
            }
            if let prepared { continuation.resume(returning: prepared) }
            for watcher in watchers { watcher.resume() }
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

    /// Returns once `count` refreshes have come.
    func asked(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.refreshTokens.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
