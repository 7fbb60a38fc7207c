import AWSAPI
import Broker
import Credentials
import Synchronization

/// Inline policies in memory, with faults on demand.
final class FakeIAM: InlinePolicies {
    private struct State {
        var policies: [String: [String: String]] = [:]
        var failure: AWSError?
        var isForgetful = false
        var calls = 0
    }

    private let state = Mutex(State())

    /// By the role's name.
    var policies: [String: [String: String]] { state.withLock(\.policies) }
    var calls: Int { state.withLock(\.calls) }

    func fail(with error: AWSError?) { state.withLock { $0.failure = error } }

    /// Does what it is asked to, and then says that it failed: the answer is lost.
    func loseAnswers(_ isForgetful: Bool) { state.withLock { $0.isForgetful = isForgetful } }

    func set(_ document: String, named name: String, to role: String) {
        state.withLock { $0.policies[role, default: [:]][name] = document }
    }

    func names(of role: RoleARN) async throws(AWSError) -> [String] {
        try act { ($0[role.name] ?? [:]).keys.sorted() }
    }

    func document(_ name: String, of role: RoleARN) async throws(AWSError) -> String? {
        try act { $0[role.name]?[name] }
    }

    func put(_ document: String, named name: String, to role: RoleARN) async throws(AWSError) {
        try act { $0[role.name, default: [:]][name] = document }
        if state.withLock(\.isForgetful) { throw .unavailable("the connection was lost") }
    }

    func remove(_ name: String, from role: RoleARN) async throws(AWSError) {
        try act { $0[role.name]?[name] = nil }
        if state.withLock(\.isForgetful) { throw .unavailable("the connection was lost") }
    }

    private func act<Value: Sendable>(
        _ body: (inout [String: [String: String]]) -> Value
    ) throws(AWSError) -> Value {
        let result: Result<Value, AWSError> = state.withLock { state in
            state.calls += 1
            if let failure = state.failure { return .failure(failure) }
            return .success(body(&state.policies))
        }
        return try result.get()
    }
}
