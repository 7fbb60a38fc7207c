import CredentialCache
import Credentials
import FoundationEssentials
import Synchronization
import TestSupport

/// An issuer that answers when the test says so.
final class FakeIssuer: CredentialIssuer {
    typealias Answer = Result<SessionCredentials, IssueFailure>

    private struct State {
        var calls: [CredentialKey] = []
        var waiting: [CheckedContinuation<Answer, Never>] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    var calls: [CredentialKey] { state.withLock { $0.calls } }

    func issue(_ key: CredentialKey) async throws(IssueFailure) -> SessionCredentials {
        let answer = await withCheckedContinuation { continuation in
            let isClosed = state.withLock { state in
                state.calls.append(key)
                if !state.isClosed { state.waiting.append(continuation) }
                return state.isClosed
            }
            if isClosed { continuation.resume(returning: .failure(IssueFailure(.signInRequired))) }
        }
        return try answer.get()
    }

    /// Returns once `count` calls have been made since the beginning. Throws after a minute.
    func called(_ count: Int) async throws {
        try await awaited("\(count) calls") { calls.count >= count }
    }

    /// Ends the oldest call that waits.
    func answer(_ answer: Answer) {
        let call = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
        call?.resume(returning: answer)
    }

    /// Ends every call that waits or is still to come, so that the refresher can end.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for call in waiting { call.resume(returning: .failure(IssueFailure(.signInRequired))) }
    }
}

extension SessionCredentials {
    static func sample(_ id: String = "ASIA1", issuedAt: Date, lifetime: TimeInterval = 3600) throws -> Self {
        SessionCredentials(
            accessKeyID: id, secretAccessKey: Secret("s"), sessionToken: Secret("t"),
            expiration: issuedAt.addingTimeInterval(lifetime), issuedAt: issuedAt,
            roleARN: try RoleARN("arn:aws:iam::111122223333:role/r"))
    }
}

/// What the cache under test makes of credentials.
final class SampleForm: PreparedForm {
    let text: String

    init(_ text: String) { self.text = text }
}
