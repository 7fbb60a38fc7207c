import BrokerAPI
import Hummingbird
import Logging

/// Around every request: failures become problem details, nothing may be cached, and one line is logged.
struct AnswerMiddleware<Context: RequestContext>: RouterMiddleware {
    let routes: [Route]
    let logger: Logger

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let problem = Problem(error, allowed: methods(at: request.uri.path))
            if problem.details.status == 500, !(error is IssuanceFailure) {
                logger.error("request failed unexpectedly", metadata: ["error": "\(type(of: error))"])
            }
            response = problem.response()
        }
        response.headers[.cacheControl] = "no-store"
        logger.info(
            "request answered",
            metadata: [
                "method": "\(excerpt(request.method.rawValue))", "path": "\(excerpt(request.uri.path))",
                "status": "\(response.status.code)",
            ])
        return response
    }

    /// Those that the path takes; `nil` if there is no such path.
    private func methods(at path: String) -> [HTTPRequest.Method]? {
        let methods = routes.filter { $0.matches(path[...]) }.map(\.method)
        return methods.isEmpty ? nil : methods
    }
}
