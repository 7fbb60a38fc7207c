import CredentialCache
import Credentials
import NIOHTTP1

/// The credentials endpoint of ECS and EKS.
///
/// The authorization token is required over TCP, unless the listener is configured otherwise. Over a Unix socket the
/// connection's user is proof enough. But a token that is sent must be right: a wrong one means that something is set up wrongly, and that should show.
struct ContainerCredentialsFace: Sendable {
    private let shelf: CredentialShelf
    private let callers: CallerState

    init(shelf: CredentialShelf, callers: CallerState) {
        self.shelf = shelf
        self.callers = callers
    }

    func answer(_ question: Question) throws(MetadataError) -> Answer {
        guard question.request.method.isRead else {
            throw .methodNotAllowed(allowed: "GET, HEAD")
        }
        let permission = try authorizedPermission(question)
        switch ContainerPath(question.request.target) {
        case .defaultRole:
            guard let key = permission.defaultKey else { throw .noDefaultRole }
            return try credentials(key, question)
        case .role(let name):
            guard let key = permission.key(forRole: name) else { throw .roleNotFound }
            return try credentials(key, question)
        case .roleARN(let arn): return try credentials(arn: arn, permission, question)
        case nil: throw .pathNotFound
        }
    }

    /// What the caller may have with the token that was sent: everything that is theirs, or the one role of a scoped token.
    private func authorizedPermission(_ question: Question) throws(MetadataError) -> CallerPermission {
        switch question.request.authorization {
        case .absent where !question.listener.requiresToken: return question.permission
        case .absent: throw .authorizationMissing
        case .repeated: throw .authorizationRejected
        case .value(let token) where ScopedTokens.isScoped(token):
            let role = callers.scopedTokens.role(of: token, user: question.permission.tokenOwner, now: question.now)
            guard let role else { throw .authorizationRejected }
            return question.permission.narrowed(to: role)
        case .value(let token):
            guard callers.containerTokens.isValid(token, forUser: question.permission.tokenOwner) else {
                throw .authorizationRejected
            }
            return question.permission
        }
    }

    private func credentials(_ key: CredentialKey, _ question: Question) throws(MetadataError) -> Answer {
        callers.recentCallers.note(
            key, program: question.request.userAgent, listener: question.listener.name, at: question.now)
        switch shelf.find(key, now: question.now, isFinal: question.isFinal) {
        case .ready(let credentials): return .respond(ok(credentials, key))
        case .wait: return .awaitCredentials(key)
        case .failed(let error):
            var response = Self.response(to: error)
            response.outcome = .failed(RequestFailure(error, about: key))
            return .respond(response)
        }
    }

    /// Which role has an ARN is known only once its credentials are here. So all roles that the caller's rule names are asked for, and the
    /// first request waits for one that is still being fetched. Of what the broker lists, only what is held counts: to ask for all of it
    /// would be to request each policy that there is.
    private func credentials(
        arn: Substring, _ permission: CallerPermission, _ question: Question
    ) throws(MetadataError) -> Answer {
        var fetching: CredentialKey?
        let listed = shelf.source.held(among: permission.listedKeys, now: question.now)
            .first { ($0.form as? PreparedCredentials).map { $0.roleARN == arn } ?? false }
        for key in permission.keys + (listed.map { [$0.key] } ?? []) {
            switch shelf.find(key, now: question.now, isFinal: false) {
            case .ready(let credentials) where credentials.roleARN == arn: return .respond(ok(credentials, key))
            case .wait: fetching = fetching ?? key
            case .ready, .failed: continue
            }
        }
        guard let fetching else { throw .roleNotFound }
        guard !question.isFinal else { throw .stillFetching }
        return .awaitCredentials(fetching)
    }

    private func ok(_ credentials: PreparedCredentials, _ key: CredentialKey) -> MetadataResponse {
        var response = MetadataResponse(status: .ok, body: .secret(credentials.containerBody), contentType: .json)
        response.lastModified = credentials.lastUpdated
        response.outcome = .handedOut(key, credentials)
        return response
    }
}
