package import HTTPExchange
import NIOCore
import NIOHTTP1

/// Calls the daemon over its control socket; the kernel tells it which user calls.
package struct DaemonClient: Sendable {
    private let exchange: HTTPExchange
    private let socketPath: String

    package init(exchange: HTTPExchange, socketPath: String) {
        self.exchange = exchange
        self.socketPath = socketPath
    }

    package func status() async throws(DaemonClientError) -> DaemonStatus {
        guard let status = try await call(.GET, "/v1/status").decoded(DaemonStatus.self) else {
            throw .unusableAnswer
        }
        return status
    }

    /// The calling user's own ID token.
    package func idToken() async throws(DaemonClientError) -> IDTokenAnswer {
        guard let answer = try await call(.GET, "/v1/id-token").decoded(IDTokenAnswer.self) else {
            throw .unusableAnswer
        }
        return answer
    }

    /// Hands a finished sign-in over.
    package func signIn(_ signIn: SignIn) async throws(DaemonClientError) {
        guard let body = StrictJSON.encode(signIn) else { throw .unusableAnswer }
        _ = try await call(.PUT, "/v1/sign-in", body: body)
    }

    /// Forgets the calling user's sign-in and credentials, and tells the identity provider.
    @discardableResult
    package func signOut() async throws(DaemonClientError) -> SignOutAnswer {
        guard let answer = try await call(.DELETE, "/v1/sign-in").decoded(SignOutAnswer.self) else {
            throw .unusableAnswer
        }
        return answer
    }

    /// Has the daemon drop and refuse everything for the calling user, or serve again.
    package func setLocked(_ isLocked: Bool) async throws(DaemonClientError) {
        _ = try await call(isLocked ? .PUT : .DELETE, "/v1/lock")
    }

    /// Offers the calling user `role` where none is named; `nil` for the default again.
    package func use(role: String?) async throws(DaemonClientError) {
        guard let role else {
            _ = try await call(.DELETE, "/v1/default-role")
            return
        }
        guard let body = StrictJSON.encode(RoleChoice(role: role)) else { throw .unusableAnswer }
        _ = try await call(.PUT, "/v1/default-role", body: body)
    }

    /// Has the daemon ask the broker which policies it lists for the calling user, so that ``status()`` has a role for each of those that the
    /// daemon offers.
    package func listPolicies() async throws(DaemonClientError) {
        _ = try await call(.POST, "/v1/policies")
    }

    /// An authorization token for one role.
    package func scopedToken(_ wish: ScopedTokenCall) async throws(DaemonClientError) -> ScopedToken {
        guard let body = StrictJSON.encode(wish),
            let token = try await call(.POST, "/v1/tokens", body: body).decoded(ScopedToken.self)
        else { throw .unusableAnswer }
        return token
    }

    /// Ends it before its time.
    package func revokeToken(id: String) async throws(DaemonClientError) {
        _ = try await call(.DELETE, "/v1/tokens/\(id)")
    }

    private func call(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil
    ) async throws(DaemonClientError) -> HTTPAnswer {
        var request = HTTPClientRequest(socketPath: socketPath, target: path)
        request.method = method
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let answer: HTTPAnswer
        do throws(HTTPExchangeFailure) {
            answer = try await exchange.answer(to: request)
        } catch {
            throw .unreachable(socketPath: socketPath, reason: error.reason)
        }
        guard (200..<300).contains(answer.status) else {
            throw answer.decoded(DaemonError.self).map(DaemonClientError.refused) ?? .unusableAnswer
        }
        return answer
    }
}

/// Why the daemon gave no answer that can be used.
package enum DaemonClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nothing listens there, or it isn't ours to talk to.
    case unreachable(socketPath: String, reason: String)
    case refused(DaemonError)
    /// Something else answers on that socket, or another version.
    case unusableAnswer

    package var description: String {
        switch self {
        case .unreachable(let path, let reason):
            "The daemon can't be reached at \(path): \(reason). Is stsbrokerd running?"
        case .refused(let error): Excerpt.line(error.message)
        case .unusableAnswer:
            "The daemon's answer is not understood; do stsbroker and stsbrokerd have the same version?"
        }
    }
}
