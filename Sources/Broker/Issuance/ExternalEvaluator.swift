package import AccessControl
import Credentials
import FoundationEssentials
import HTTPExchange
import Logging

/// Asks the company's own program whether a request needs a person. It never fails: no answer is an answer.
package protocol RequestEvaluating: Sendable {
    /// - Parameters:
    ///   - team: by which the principal may have the policy.
    ///   - channel: how the principal asked to be told, if they said.
    func evaluation(
        of request: AccessRequest, under policy: AccessPolicy, team: Team, channel: RequesterChannel?
    ) async -> ExternalEvaluation
}

/// The program behind a URL, called as the original system called its evaluator: `{permission_request, team}`, to which it answers
/// `{"automated_approval": true|false}`.
struct ExternalEvaluator: RequestEvaluating {
    let post: SignedPost
    let logger: Logger
    let now: @Sendable () -> Date

    func evaluation(
        of request: AccessRequest, under policy: AccessPolicy, team: Team, channel: RequesterChannel?
    ) async -> ExternalEvaluation {
        do {
            let body = try JSONAnswer.bytes(EvaluatorQuestion(request, under: policy, team: team, channel: channel))
            let answer = try await post.answer(
                to: body, id: request.id.description, sentAt: now().timeIntervalSince1970)
            guard answer.status == 200, let word = answer.decoded(EvaluatorAnswer.self) else {
                return unanswered(request, "it answered with status \(answer.status), or not what was asked")
            }
            return word.automatedApproval ? .automatic : .manual
        } catch let failure as HTTPExchangeFailure {
            return unanswered(request, failure.reason)
        } catch {
            return unanswered(request, "the request can't be written as JSON")
        }
    }

    private func unanswered(_ request: AccessRequest, _ reason: String) -> ExternalEvaluation {
        logger.error("evaluator gave no answer", metadata: ["request": "\(request.id)", "reason": "\(reason)"])
        return .unanswered
    }
}

private struct EvaluatorAnswer: Decodable {
    let automatedApproval: Bool

    enum CodingKeys: String, CodingKey {
        case automatedApproval = "automated_approval"
    }
}

/// The names are the original system's.
private struct EvaluatorQuestion: Encodable {
    let permissionRequest: PermissionRequest
    let team: TeamPreferences

    enum CodingKeys: String, CodingKey {
        case permissionRequest = "permission_request"
        case team
    }

    struct PermissionRequest: Encodable {
        let requestid: String
        let userid: String
        let email: String?
        let teams: [String]
        let policy: String
        let risk: Int
        let tags: [[String: String]]
        let sessionDuration: Int
        let reason: String?
        let ticket: String?
        let inlinePolicy: String?
        /// RFC 3339; `nil` for at once. It is not the original's, which knew no later beginning.
        let startsAt: String?
        let notificationChannel: String?
        /// Milliseconds since 1970.
        let timestamp: Int64
        /// As the original had it before anybody has decided; so is the next.
        let approved = false
        let updatedAt: Int64

        enum CodingKeys: String, CodingKey {
            case requestid, userid, email, teams, policy, risk, tags, sessionDuration, reason, ticket
            case notificationChannel, timestamp, approved, updatedAt
            case inlinePolicy = "inline_policy"
            case startsAt = "starts_at"
        }
    }

    struct TeamPreferences: Encodable {
        let id: String
        let policies: [[String: String]]

        enum CodingKeys: String, CodingKey {
            case id = "team_id"
            case policies
        }
    }

    init(_ request: AccessRequest, under policy: AccessPolicy, team: Team, channel: RequesterChannel?) {
        let milliseconds = Int64(exactly: (request.receivedAt.timeIntervalSince1970 * 1000).rounded(.down)) ?? 0
        let tags = (try? policy.sessionTags(for: request.principal)) ?? []
        permissionRequest = PermissionRequest(
            requestid: request.id.description, userid: request.principal.userName, email: request.principal.email,
            teams: request.principal.teams, policy: policy.id, risk: policy.risk.value,
            tags: tags.map { [$0.key: $0.value] },
            sessionDuration: (request.duration ?? policy.maximumDuration).wholeSeconds, reason: request.reason,
            ticket: request.ticket, inlinePolicy: request.inlinePolicy,
            startsAt: request.begin > request.receivedAt ? AWSTimestamp.text(request.begin) : nil,
            notificationChannel: channel?.rawValue, timestamp: milliseconds, updatedAt: milliseconds)
        // The descriptions of the others would have to be read.
        self.team = TeamPreferences(
            id: team.id,
            policies: team.policies.map { id in
                id == policy.id ? ["id": id, "description": policy.description] : ["id": id]
            })
    }
}
