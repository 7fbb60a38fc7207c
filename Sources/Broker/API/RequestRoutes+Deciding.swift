import AccessControl
import BrokerAPI
import Hummingbird

/// What approvers, and those who asked, decide of a request.
extension RequestRoutes {
    func decide(_ request: Request, id: String) async throws -> Response {
        let principal = try await authenticator.principal(in: request.headers, path: "/v1/requests/{id}/decision")
        let call = try await JSONRequest.decode(DecisionCall.self, keys: DecisionCall.CodingKeys.self, from: request)
        guard let choice = ApprovalCase.Vote.Choice(rawValue: call.decision) else {
            throw Problem.invalidRequest("The key \"decision\" must be approve or deny.")
        }
        let approval = try await desk.decide(
            choice, on: try Self.requestID(id), by: principal, comment: try comment(call.comment),
            having: call.contentHash)
        return JSONAnswer.response(try await summary(approval, for: principal))
    }

    func change(
        _ request: Request, _ id: String, _ verb: String,
        _ body: (AccessControl.RequestID, Principal, String?) async throws(ApprovalFailure) -> ApprovalCase
    ) async throws -> Response {
        let principal = try await authenticator.principal(in: request.headers, path: "/v1/requests/{id}/\(verb)")
        let call = try await JSONRequest.decode(CommentCall.self, keys: CommentCall.CodingKeys.self, from: request)
        let approval = try await body(try Self.requestID(id), principal, try comment(call.comment))
        return JSONAnswer.response(try await summary(approval, for: principal))
    }

    func revoke(_ request: Request, id: String) async throws -> Response {
        let principal = try await authenticator.principal(in: request.headers, path: "/v1/requests/{id}/revoke")
        let call = try await JSONRequest.decode(CommentCall.self, keys: CommentCall.CodingKeys.self, from: request)
        let (id, comment) = (try Self.requestID(id), try comment(call.comment))
        do {
            let approval = try await desk.revoke(id, by: principal, comment: comment)
            return JSONAnswer.response(try await summary(approval, for: principal))
        } catch ApprovalFailure.notFound {
            let grant = try await desk.revokeGrant(id, by: principal, comment: comment)
            return JSONAnswer.response(RequestSummary(grant, at: now()))
        }
    }

    private func comment(_ text: String?) throws(Problem) -> String? {
        guard let text else { return nil }
        try Wish.check(text, key: "comment")
        return text.isEmpty ? nil : text
    }
}

/// `{"comment": …}`, which may be left out.
struct CommentCall: Decodable {
    var comment: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case comment
    }
}
