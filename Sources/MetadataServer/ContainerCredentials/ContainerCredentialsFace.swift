import CredentialCache
import Credentials
import FoundationEssentials
import NIOHTTP1

/// The credentials endpoint of ECS and EKS.
///
/// The authorization token is required over TCP. Over a Unix socket the connection's user is proof enough, but a token
/// that is sent must be right: a wrong one means that something is set up wrongly, and that should show.
struct ContainerCredentialsFace: Sendable {
    private let shelf: CredentialShelf
    private let tokens: ContainerTokens

    init(shelf: CredentialShelf, tokens: ContainerTokens) {
        self.shelf = shelf
        self.tokens = tokens
    }

    func answer(_ question: Question) throws(MetadataError) -> Answer {
        guard question.request.method == .GET || question.request.method == .HEAD else {
            throw .methodNotAllowed(allowed: "GET, HEAD")
        }
        try authorize(question)
        switch ContainerPath(question.request.target) {
        case .defaultRole:
            guard let key = question.permission.defaultKey else { throw .noDefaultRole }
            return try credentials(key, question)
        case .role(let name):
            guard let key = question.permission.key(forRole: name) else { throw .roleNotFound }
            return try credentials(key, question)
        case .roleARN(let arn): return try credentials(arn: arn, question)
        case nil: throw .pathNotFound
        }
    }

    private func authorize(_ question: Question) throws(MetadataError) {
        switch question.request.authorization {
        case .absent where question.listener.transport == .unix: return
        case .absent: throw .authorizationMissing
        case .value(let token) where tokens.isValid(token, forUser: question.userID): return
        case .value, .repeated: throw .authorizationRejected
        }
    }

    private func credentials(_ key: CredentialKey, _ question: Question) throws(MetadataError) -> Answer {
        switch shelf.find(key, now: question.now, isFinal: question.isFinal) {
        case .ready(let credentials): return .respond(ok(credentials))
        case .wait: return .awaitCredentials(key)
        case .failed(let error): throw error
        }
    }

    /// Which role has an ARN is known only once its credentials are here. So all roles of the caller are asked for, and
    /// the first request waits for one that is still being fetched.
    private func credentials(arn: Substring, _ question: Question) throws(MetadataError) -> Answer {
        var fetching: CredentialKey?
        for key in question.permission.keys {
            switch shelf.find(key, now: question.now, isFinal: false) {
            case .ready(let credentials) where credentials.roleARN == arn: return .respond(ok(credentials))
            case .wait: fetching = fetching ?? key
            case .ready, .failed: continue
            }
        }
        guard let fetching else { throw .roleNotFound }
        guard !question.isFinal else { throw .stillFetching }
        return .awaitCredentials(fetching)
    }

    private func ok(_ credentials: PreparedCredentials) -> MetadataResponse {
        var response = MetadataResponse(status: .ok, body: .secret(credentials.containerBody), contentType: .json)
        response.lastModified = credentials.lastUpdated
        return response
    }
}
