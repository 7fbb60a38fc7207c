import CredentialCache
import Credentials
import FoundationEssentials
import NIOHTTP1

/// The EC2 instance metadata service, as SDKs know it: IMDSv2, and IMDSv1 where a listener allows it.
struct InstanceMetadataFace: Sendable {
    private let shelf: CredentialShelf
    var tree: MetadataTree
    private let tokens = SessionTokens()

    private let recentCallers: RecentCallers

    init(shelf: CredentialShelf, tree: MetadataTree, recentCallers: RecentCallers) {
        self.recentCallers = recentCallers
        self.shelf = shelf
        self.tree = tree
    }

    func answer(_ question: Question) throws(MetadataError) -> Answer {
        let path = InstancePath(question.request.target)
        if question.request.method == .put, path == .tokenElsewhere { throw .tokenPathForbidden }
        if path == .token { return .respond(try newToken(question)) }
        guard question.request.method.isRead else {
            throw .methodNotAllowed(allowed: "GET, HEAD")
        }
        let lifetime = try tokenLifetime(question)
        guard let path else { throw .pathNotFound }
        var answer = try answer(question, at: path)
        if case .respond(var response) = answer, !response.outcome.isFailure {
            response.tokenLifetime = lifetime
            answer = .respond(response)
        }
        return answer
    }

    /// `PUT /latest/api/token`. A bad lifetime is a 400 and nothing else: at 403, 404 or 405 SDKs fall back to IMDSv1.
    private func newToken(_ question: Question) throws(MetadataError) -> MetadataResponse {
        guard question.request.method == .put else { throw .methodNotAllowed(allowed: "PUT") }
        guard case .value(let text) = question.request.sessionTokenTTL, text.utf8.count <= 5,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let lifetime = Int(text),
            SessionTokens.lifetimes.contains(lifetime)
        else { throw .invalidTokenLifetime }
        let token = tokens.token(for: question.origin, lifetime: lifetime, now: question.now)
        var response = ok(.secret(Secret(token)))
        response.tokenLifetime = lifetime
        return response
    }

    /// What is left of the request's session token; `nil` for an allowed IMDSv1 request.
    private func tokenLifetime(_ question: Question) throws(MetadataError) -> Int? {
        switch question.request.sessionToken {
        case .absent where question.listener.allowsIMDSv1: return nil
        case .absent, .repeated: throw .sessionTokenRejected
        case .value(let token):
            let remaining = tokens.remainingLifetime(of: token, for: question.origin, now: question.now)
            guard let remaining else { throw .sessionTokenRejected }
            return remaining
        }
    }

    private func answer(_ question: Question, at path: InstancePath) throws(MetadataError) -> Answer {
        switch path {
        case .versions: return .respond(ok(.text(MetadataTree.versions), lastModified: tree.startedAt))
        case .roleList:
            guard let key = question.permission.defaultKey else { throw .noDefaultRole }
            return .respond(ok(.text(key.role), lastModified: tree.startedAt))
        case .credentials(let role, let isExtended):
            guard let key = question.permission.key(forRole: role) else { throw .roleNotFound }
            return try credentials(key, isExtended: isExtended, question)
        case .tree(let path):
            guard let text = tree.text(at: path) else { throw .pathNotFound }
            return .respond(ok(.text(text), lastModified: tree.startedAt))
        case .token, .tokenElsewhere: throw .pathNotFound
        }
    }

    private func credentials(
        _ key: CredentialKey, isExtended: Bool, _ question: Question
    ) throws(MetadataError) -> Answer {
        recentCallers.note(
            key, program: question.request.userAgent, listener: question.listener.name, at: question.now)
        switch shelf.find(key, now: question.now, isFinal: question.isFinal) {
        case .ready(let credentials):
            let body = isExtended ? credentials.extendedInstanceBody : credentials.instanceBody
            var response = ok(.secret(body), lastModified: credentials.lastUpdated)
            response.outcome = .handedOut(key, credentials)
            return .respond(response)
        case .wait: return .awaitCredentials(key)
        case .failed(let error):
            var response = Self.response(to: error, now: question.now)
            response.outcome = .failed(RequestFailure(error, about: key))
            return .respond(response)
        }
    }

    private func ok(_ body: MetadataResponse.Body, lastModified: Date? = nil) -> MetadataResponse {
        var response = MetadataResponse(status: .ok, body: body, contentType: .plain)
        response.imitatesInstance = true
        response.lastModified = lastModified
        return response
    }
}
