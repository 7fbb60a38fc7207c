import AccessControl
import BrokerAPI
import Hummingbird
import Logging

/// Around every request: failures become problem details or pages, nothing may be cached, and one line is logged.
struct AnswerMiddleware: RouterMiddleware {
    let routes: [Route]
    let metrics: BrokerMetrics
    let logger: Logger

    func handle(
        _ request: Request, context: BrokerRequestContext,
        next: @concurrent (Request, BrokerRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            response = try await next(request, context)
        } catch let refusal as WebRefusal {
            response = refusal.response()
            if request.method == .head { response = response.createHeadResponse() }
        } catch {
            let problem = Problem(error, allowed: methods(at: request.uri.path))
            if problem.details.status == 500, !(error is IssuanceFailure) {
                logger.error("request failed unexpectedly", metadata: ["error": "\(type(of: error))"])
            }
            response = problem.response()
        }
        response.headers[.cacheControl] = "no-store"
        metrics.answered(
            request.method.rawValue, route: template(context.endpointPath), status: response.status.code,
            after: ContinuousClock.now - start)
        log(request, response)
        return response
    }

    /// `nil` where there is no such path; Hummingbird has a name of its own for that.
    private func template(_ endpoint: String?) -> String? {
        routes.first { $0.path == endpoint }?.path
    }

    private func log(_ request: Request, _ response: Response) {
        let source = RequestSource.current
        var metadata: Logger.Metadata = [
            "method": "\(excerpt(request.method.rawValue))", "path": "\(excerpt(request.uri.path))",
            "status": "\(response.status.code)", "from": "\(source.address?.description ?? "unknown")",
        ]
        if let name = source.clientCertificate { metadata["client_certificate"] = "\(name)" }
        logger.info("request answered", metadata: metadata)
    }

    /// Those that the path takes; `nil` if there is no such path.
    private func methods(at path: String) -> [HTTPRequest.Method]? {
        let methods = routes.filter { $0.matches(path[...]) }.map(\.method)
        return methods.isEmpty ? nil : methods
    }
}
