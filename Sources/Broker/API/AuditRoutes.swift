import AccessControl
import BrokerAPI
import BrokerStore
import FoundationEssentials
import Hummingbird
import Logging

/// `/v1/audit`: the trail, for the teams that the configuration calls auditors, and for nobody else.
struct AuditRoutes: Sendable {
    /// How many records a page has at most.
    static let longestPage = 1000

    let authenticator: Authenticator
    let records: any BrokerRecords
    /// `nil`: the trail isn't signed.
    let seal: AuditSeal?
    let auditors: Set<String>
    let logger: Logger

    var routes: [Route] {
        [
            Route(method: .get, path: "/v1/audit", answer: page),
            Route(method: .get, path: "/v1/audit/sessions", answer: session),
            Route(method: .get, path: "/v1/audit/checkpoints", answer: checkpoints),
        ]
    }

    private func page(_ request: Request) async throws -> Response {
        try await requireAuditor(request, path: "/v1/audit")
        let (after, limit) = try range(request)
        return try await answer { () throws(StoreError) in
            let lines = try await records.auditLines(after: after, limit: limit)
            let last = lines.last?.sequence ?? after
            return AuditPage(
                records: lines,
                checkpoints: try await seal?.trail.checkpoints(after: after, through: last, limit: Self.longestPage))
        }
    }

    private func checkpoints(_ request: Request) async throws -> Response {
        try await requireAuditor(request, path: "/v1/audit/checkpoints")
        let (after, limit) = try range(request)
        guard let seal else { throw HTTPError(.internalServerError) }
        return try await answer { () throws(StoreError) in
            AuditCheckpointPage(
                checkpoints: try await seal.trail.checkpoints(after: after, through: .max, limit: limit),
                key: seal.publicKey)
        }
    }

    private func range(_ request: Request) throws(Problem) -> (after: Int64, limit: Int) {
        let after = request.uri.queryParameters["after"].map { Int64($0) } ?? 0
        let limit = request.uri.queryParameters["limit"].map { Int($0) } ?? Self.longestPage
        guard let after, after >= 0 else {
            throw .invalidRequest("The parameter \"after\" must be a record's number.")
        }
        guard let limit, (1...Self.longestPage).contains(limit) else {
            throw .invalidRequest("The parameter \"limit\" must be 1 to \(Self.longestPage).")
        }
        return (after, limit)
    }

    private func session(_ request: Request) async throws -> Response {
        try await requireAuditor(request, path: "/v1/audit/sessions")
        guard let name = request.uri.queryParameters["name"].map(String.init), (1...128).contains(name.utf8.count)
        else {
            throw Problem.invalidRequest("The parameter \"name\" must be an access key id or the name of a session.")
        }
        return try await answer { () throws(StoreError) in try await records.auditExcerpt(about: name) }
    }

    private func requireAuditor(_ request: Request, path: String) async throws {
        let principal = try await authenticator.principal(in: request.headers, path: path)
        guard !auditors.isDisjoint(with: principal.teams) else {
            throw Problem(
                ProblemDetails(status: 403, code: .accessDenied, detail: "The audit trail is for auditors only."))
        }
    }

    private func answer<Body: Encodable>(
        _ read: () async throws(StoreError) -> Body
    ) async throws -> Response {
        do throws(StoreError) {
            return JSONAnswer.response(try await read())
        } catch {
            logger.error("records failed", metadata: ["act": "audit", "error": "\(error)"])
            throw ApprovalFailure.records(error)
        }
    }
}
