import Hummingbird

/// What the pages are made of, besides what the API is made of.
package struct WebParts: Sendable {
    let settings: WebSettings
    let provider: any BrowserSigningIn
    let sessions = WebSessions()
    let forms = FormTokens()
    let seal = SignInSeal()

    package init(settings: WebSettings, provider: any BrowserSigningIn) {
        self.settings = settings
        self.provider = provider
    }
}

/// Every path of the pages. Looking is GET or HEAD and changes nothing.
struct WebRoutes: Sendable {
    let routes: [Route]

    init(_ web: WebParts, of parts: BrokerParts) {
        let gate = WebGate(web: web, authenticator: parts.authenticator, now: parts.now)
        let shown = ShownRequests(desk: parts.desk, now: parts.now)
        let pages = PageRoutes(gate: gate, desk: parts.desk, shown: shown)
        let forms = FormRoutes(gate: gate, desk: parts.desk, shown: shown)
        routes = SignInRoutes(gate: gate, logger: parts.logger, now: parts.now).routes + pages.routes + forms.routes
    }
}

extension Route {
    /// A page: GET, and HEAD as mail scanners send it. What is thrown becomes a page, too, once limits have seen it.
    static func pages(
        _ path: String, _ answer: @escaping @Sendable (Request, String) async throws -> Response
    ) -> [Route] {
        let paged = paged(answer)
        return [
            Route(method: .get, path: path, isPage: true, answerWithID: paged),
            Route(method: .head, path: path, isPage: true) { request, id in
                try await paged(request, id).createHeadResponse()
            },
        ]
    }

    static func form(
        _ path: String, _ answer: @escaping @Sendable (Request, String) async throws -> Response
    ) -> Route {
        Route(method: .post, path: path, isPage: true, answerWithID: paged(answer))
    }

    private static func paged(
        _ answer: @escaping @Sendable (Request, String) async throws -> Response
    ) -> @Sendable (Request, String) async throws -> Response {
        { request, id in
            do {
                return try await answer(request, id)
            } catch {
                guard let refusal = WebRefusal(error) else { throw error }
                throw refusal
            }
        }
    }
}
