import AccessControl
import BrokerAPI
import BrokerStore
import Credentials
import FoundationEssentials
import Hummingbird

/// `/v1/requests`: what people ask for, and what they decide. Looking is GET; everything else is POST with a sign-in.
struct RequestRoutes: Sendable {
    let authenticator: Authenticator
    let issuance: CredentialIssuance
    let desk: ApprovalDesk
    let now: @Sendable () -> Date

    var routes: [Route] {
        [
            Route(method: .get, path: "/v1/requests", answer: list),
            Route(method: .post, path: "/v1/requests", answer: create),
            Route(method: .post, path: "/v1/requests/states", answer: states),
            Route(method: .get, path: "/v1/requests/{id}", answerWithID: show),
            Route(method: .post, path: "/v1/requests/{id}/decision", answerWithID: decide),
            Route(method: .post, path: "/v1/requests/{id}/cancel") { request, id in
                try await change(request, id, "cancel", desk.cancel)
            },
            Route(method: .post, path: "/v1/requests/{id}/revoke", answerWithID: revoke),
        ]
    }

    private func list(_ request: Request) async throws -> Response {
        let principal = try await authenticator.principal(in: request.headers, path: "/v1/requests")
        let wanted = try PageRequest(request, longest: ApprovalDesk.longestPage)
        let cursor = try wanted.token.map { token in
            guard let cursor = CaseCursor(key: token.key) else { throw PageRequest.foreignToken }
            return cursor
        }
        var page: CasePage =
            switch request.uri.queryParameters["scope"] {
            case nil, "mine": try await desk.requests(of: principal, after: cursor, limit: wanted.limit)
            case "to_decide": try await desk.requestsToDecide(by: principal, after: cursor, limit: wanted.limit)
            default: throw Problem.invalidRequest("The parameter \"scope\" must be mine or to_decide.")
            }
        var summaries: [RequestSummary] = []
        for approval in page.cases {
            let policy = try await desk.unchangedPolicy(of: approval, knowing: &page.policies)
            let isDecided = page.decidable.contains(approval.requestID)
            summaries.append(summary(approval, under: policy, isDecided: isDecided, for: principal))
        }
        return JSONAnswer.response(
            RequestList(requests: summaries, nextToken: page.next.map { PageToken(after: $0.key).description }))
    }

    private func create(_ request: Request) async throws -> Response {
        let principal = try await authenticator.principal(in: request.headers, path: "/v1/requests")
        let call = try await JSONRequest.decode(RequestCall.self, keys: RequestCall.CodingKeys.self, from: request)
        let wish = try Wish(
            policy: call.policy, seconds: call.durationSeconds, allowsShorter: call.shorten, reason: call.reason,
            ticket: call.ticket, inlinePolicy: call.inlinePolicy, startsAt: try start(call.startsAt),
            channel: try channel(call.channel))
        let decided = try await issuance.request(wish, by: principal)
        guard let approval = decided.approval else { throw HTTPError(.internalServerError) }
        var summary = try await summary(approval, for: principal)
        summary.shortened = decided.shortened.map(ShortenedDuration.init)
        return JSONAnswer.response(summary, status: .created)
    }

    private func show(_ request: Request, id: String) async throws -> Response {
        let principal = try await authenticator.principal(in: request.headers, path: "/v1/requests/{id}")
        let approval = try await desk.request(try Self.requestID(id), for: principal)
        return JSONAnswer.response(try await summary(approval, for: principal))
    }

    private func states(_ request: Request) async throws -> Response {
        let principal = try await authenticator.principal(in: request.headers, path: "/v1/requests/states")
        let call = try await JSONRequest.decode(StatesCall.self, keys: StatesCall.CodingKeys.self, from: request)
        guard call.requestIDs.count <= 100 else {
            throw Problem.invalidRequest("The key \"request_ids\" must have at most 100 entries.")
        }
        let states = try await desk.states(of: try call.requestIDs.map { try Self.requestID($0) }, for: principal)
        let texts = states.map { ($0.key.description, $0.value.rawValue) }
        return JSONAnswer.response(RequestStates(states: Dictionary(texts) { first, _ in first }))
    }
}

extension RequestRoutes {
    static func requestID(_ text: String) throws -> AccessControl.RequestID {
        guard let id = AccessControl.RequestID(text) else { throw ApprovalFailure.notFound }
        return id
    }

    private func channel(_ text: String?) throws(Problem) -> RequesterChannel? {
        guard let text else { return nil }
        guard let channel = RequesterChannel(rawValue: text) else {
            throw .invalidRequest("The key \"channel\" must be email, slack, sms or none.")
        }
        return channel
    }

    /// What lies in the past means now; a request for next year would be forgotten by then.
    private func start(_ text: String?) throws(Problem) -> Date? {
        guard let text else { return nil }
        guard let date = AWSTimestamp.date(text) else {
            throw .invalidRequest("The key \"starts_at\" must be an instant like 2030-01-31T09:00:00Z.")
        }
        guard date.timeIntervalSince(now()) <= 30 * 86_400 else {
            throw .invalidRequest("The key \"starts_at\" must be within 30 days.")
        }
        return date > now() ? date : nil
    }

    /// All that the principal may see of it.
    func summary(_ approval: ApprovalCase, for principal: Principal) async throws -> RequestSummary {
        let view = try await desk.view(of: approval, for: principal)
        var summary = summary(approval, under: view.policy, isDecided: view.isDecided, for: principal)
        summary.session = view.session.map(RequestSummary.Session.init)
        return summary
    }

    /// - Parameters:
    ///   - policy: `nil` if it is no longer what it was when this was asked for.
    ///   - isDecided: whether the principal is one of those who decide on it.
    private func summary(
        _ approval: ApprovalCase, under policy: AccessPolicy?, isDecided: Bool, for principal: Principal
    ) -> RequestSummary {
        var summary = RequestSummary(approval, at: now())
        (summary.account, summary.risk) = (policy?.account, policy?.risk.value)
        summary.mayDecide =
            isDecided && summary.state == RequestState.pending.rawValue && approval.lastVote(of: principal) == nil
        return summary
    }
}

extension CaseCursor {
    /// Its text in a ``PageToken``.
    fileprivate var key: String { "\(createdAt).\(requestID)" }

    fileprivate init?(key: String) {
        let parts = key.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), let id = AccessControl.RequestID(String(parts[1]))
        else { return nil }
        self.init(createdAt: milliseconds, requestID: id)
    }
}
