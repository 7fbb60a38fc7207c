import AccessControl
import BrokerAPI
import BrokerStore
import FoundationEssentials
import Hummingbird
import Logging

/// `/v1/admin/policies` and `/v1/admin/teams`: for the teams that the configuration calls administrators, and for nobody else.
struct AdminRoutes: Sendable {
    /// How many items a page has at most.
    static let longestPage = 100

    let authenticator: Authenticator
    let desk: CatalogDesk
    let administrators: Set<String>

    var routes: [Route] { routes(for: .policy, at: "policies") + routes(for: .team, at: "teams") }

    private func routes(for subject: AuditedPolicyChange.Subject, at name: String) -> [Route] {
        let path = "/v1/admin/\(name)"
        return [
            Route(method: .get, path: path) { request in try await list(request, subject, path: path) },
            Route(method: .get, path: "\(path)/{id}") { request, id in
                try await show(request, subject, id, path: "\(path)/{id}")
            },
            Route(method: .put, path: "\(path)/{id}") { request, id in
                try await write(request, subject, id, path: "\(path)/{id}")
            },
            Route(method: .delete, path: "\(path)/{id}") { request, id in
                try await remove(request, subject, id, path: "\(path)/{id}")
            },
            Route(method: .get, path: "\(path)/{id}/versions") { request, id in
                try await versions(request, subject, id, path: "\(path)/{id}/versions")
            },
        ]
    }

    private func list(
        _ request: Request, _ subject: AuditedPolicyChange.Subject, path: String
    ) async throws -> Response {
        _ = try await administrator(request, path: path)
        let page = try PageRequest(request, longest: Self.longestPage)
        let filter = request.uri.queryParameters["filter"].map { String($0) } ?? ""
        guard filter.unicodeScalars.count <= 128 else {
            throw Problem.invalidRequest("The parameter \"filter\" must be at most 128 characters.")
        }
        let (items, next) = try await desk.items(subject, containing: filter, page: page)
        return JSONAnswer.response(
            CatalogPageForm(
                subject: subject, items: items.map { CatalogItemForm($0) }, isHistory: false, nextToken: next))
    }

    private func show(
        _ request: Request, _ subject: AuditedPolicyChange.Subject, _ id: String, path: String
    ) async throws -> Response {
        _ = try await administrator(request, path: path)
        return answer(try await desk.item(subject, try Self.decoded(id)))
    }

    private func versions(
        _ request: Request, _ subject: AuditedPolicyChange.Subject, _ id: String, path: String
    ) async throws -> Response {
        _ = try await administrator(request, path: path)
        let id = try Self.decoded(id)
        let page = try PageRequest(request, longest: Self.longestPage)
        let (versions, next) = try await desk.versions(subject, id, page: page)
        let items = versions.map { CatalogItemForm($0, of: subject, id) }
        return JSONAnswer.response(
            CatalogPageForm(subject: subject, items: items, isHistory: true, nextToken: next))
    }

    private func write(
        _ request: Request, _ subject: AuditedPolicyChange.Subject, _ id: String, path: String
    ) async throws -> Response {
        let administrator = try await administrator(request, path: path)
        let id = try Self.decoded(id)
        let precondition = try Precondition(request.headers)
        let body = try await JSONRequest.bytes(of: request)
        let written = try await desk.write(subject, id, body, if: precondition, by: administrator)
        return answer(written.item, warnings: written.warnings, status: precondition == .absent ? .created : .ok)
    }

    private func remove(
        _ request: Request, _ subject: AuditedPolicyChange.Subject, _ id: String, path: String
    ) async throws -> Response {
        let administrator = try await administrator(request, path: path)
        try await desk.remove(
            subject, try Self.decoded(id), if: try Precondition(request.headers), by: administrator)
        return Response(status: .noContent)
    }

    private func administrator(_ request: Request, path: String) async throws -> Principal {
        let principal = try await authenticator.principal(in: request.headers, path: path)
        guard !administrators.isDisjoint(with: principal.teams) else {
            throw Problem(
                ProblemDetails(
                    status: 403, code: .accessDenied, detail: "Policies and teams are for administrators only."))
        }
        return principal
    }

    private func answer(
        _ item: CatalogItem, warnings: [String] = [], status: HTTPResponse.Status = .ok
    ) -> Response {
        var response = JSONAnswer.response(CatalogItemForm(item, warnings: warnings), status: status)
        response.headers[.eTag] = "\"\(item.version)\""
        return response
    }

    private static func decoded(_ id: String) throws(Problem) -> String {
        guard let decoded = PathSegment.decoded(id), (1...128).contains(decoded.count) else {
            throw .invalidRequest("The path's last part must be an id of 1 to 128 characters.")
        }
        return decoded
    }
}
