import AccessControl
import BrokerAPI
import Hummingbird
import Logging

/// Around every request: failures become problem details or pages, nothing may be cached, and one line is logged.
struct AnswerMiddleware: RouterMiddleware {
    let routes: [Route]
    let metrics: BrokerMetrics
    let logger: Logger
    private let pages: PagePaths

    init(routes: [Route], metrics: BrokerMetrics, logger: Logger) {
        self.routes = routes
        self.metrics = metrics
        self.logger = logger
        pages = PagePaths(of: routes)
    }

    func handle(
        _ request: Request, context: BrokerRequestContext,
        next: @concurrent (Request, BrokerRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = answer(to: request, because: error)
        }
        response.headers[.cacheControl] = "no-store"
        metrics.answered(
            request.method.rawValue, route: template(context.endpointPath), status: response.status.code,
            after: ContinuousClock.now - start)
        log(request, response)
        return response
    }

    /// Where the pages are, a page says what is wrong, also if it never came to any of them.
    private func answer(to request: Request, because error: any Error) -> Response {
        if let refusal = error as? WebRefusal { return page(refusal, for: request) }
        let path = request.uri.path
        let problem = Problem(error, allowed: methods(at: path))
        if problem.details.status == 500, !(error is IssuanceFailure) {
            logger.error("request failed unexpectedly", metadata: ["error": "\(type(of: error))"])
        }
        return pages.contain(path) ? page(WebRefusal(problem: problem), for: request) : problem.response()
    }

    private func page(_ refusal: WebRefusal, for request: Request) -> Response {
        let response = refusal.response()
        return request.method == .head ? response.createHeadResponse() : response
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
