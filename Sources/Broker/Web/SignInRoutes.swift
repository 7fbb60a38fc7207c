import AccessControl
import Credentials
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import OIDC

/// Signing in and out in a browser.
struct SignInRoutes: Sendable {
    let gate: WebGate
    let logger: Logger
    let now: @Sendable () -> Date

    private static let callback = "/sign-in/callback"

    private var web: WebParts { gate.web }

    var routes: [Route] {
        Route.pages("/sign-in", invite)
            + Route.pages("/sign-in/start", start)
            + Route.pages(Self.callback, finish)
            + [Route.form("/sign-out", signOut)]
    }

    private func invite(_ request: Request, _: String) async throws -> Response {
        let wanted = Self.wanted(request)
        let isSignedIn = try await gate.visitor(request, path: "/sign-in") != nil
        if isSignedIn { return WebAnswer.seeOther(Self.place(of: wanted)) }
        return WebAnswer.page(SignInPage.document(for: wanted))
    }

    private func start(_ request: Request, _: String) async throws -> Response {
        let secrets = AuthorizationSecrets.random()
        let contents = SignInSeal.Contents(secrets: secrets, request: Self.wanted(request))
        guard let sealed = web.seal.seal(contents, at: now()) else { throw HTTPError(.internalServerError) }
        let address: String
        do throws(SignInError) {
            address = try await web.provider.address(for: secrets)
        } catch {
            log(error, path: "/sign-in/start")
            throw error
        }
        var answer = WebAnswer.seeOther(address)
        WebCookie.signIn(of: web.settings).set(sealed, seconds: Int(SignInSeal.patience), in: &answer)
        return answer
    }

    /// Only the browser that has begun it has the cookie that this wants. A new session each time; the one before it ends.
    private func finish(_ request: Request, _: String) async throws -> Response {
        let cookie = WebCookie.signIn(of: web.settings)
        guard Self.isVisit(request) else {
            throw await failure(.notBegun, reason: "the browser asks for no document, but for a part of one")
        }
        guard let contents = cookie.value(in: request).flatMap({ web.seal.open($0, at: now()) }) else {
            throw await failure(.notBegun, reason: "the browser has no cookie of a sign-in that it began here in time")
        }
        let identity = try await identity(answering: contents.secrets, to: request)
        let principal = try await gate.authenticator.principal(
            in: [.authorization: "Bearer \(identity.idToken.revealed())"], path: Self.callback)
        var answer = WebAnswer.seeOther(Self.place(of: contents.request))
        cookie.clear(in: &answer)
        begin(with: identity, of: principal, instead: request, in: &answer)
        return answer
    }

    /// Browsers say what they ask for (Fetch Metadata, `Sec-Fetch-Dest`). A page of another site can make them ask for
    /// images and frames, unseen and as often as it likes; nobody signs in by those.
    private static func isVisit(_ request: Request) -> Bool {
        let destination = HTTPField.Name("Sec-Fetch-Dest").flatMap { request.headers[$0] }
        return destination == nil || destination == "document"
    }

    private func identity(
        answering secrets: AuthorizationSecrets, to request: Request
    ) async throws -> BrowserIdentity {
        do throws(SignInError) {
            return try await web.provider.identity(
                answering: secrets, redirect: "\(Self.callback)?\(request.uri.query ?? "")")
        } catch {
            guard let problem = SignInProblem(error) else {
                log(error, path: Self.callback)
                throw error
            }
            throw await failure(problem, reason: error.reason)
        }
    }

    /// What to throw, once it is logged and, if it was an attempt, recorded like a token that was refused.
    private func failure(_ problem: SignInProblem, reason: String) async -> AuthenticationFailure {
        let failure = AuthenticationFailure.noSignIn(problem)
        await gate.authenticator.record(failure, reason: reason, path: Self.callback)
        return failure
    }

    /// For what is nobody's failure.
    private func log(_ error: SignInError, path: String) {
        logger.notice(
            "sign-in not finished",
            metadata: [
                "path": "\(path)", "reason": "\(error.reason)",
                "from": "\(RequestSource.current.address?.description ?? "unknown")",
            ])
    }

    private func begin(
        with identity: BrowserIdentity, of principal: Principal, instead request: Request, in answer: inout Response
    ) {
        let cookie = WebCookie.session(of: web.settings)
        if let old = cookie.value(in: request) { web.sessions.end(WebSessionID(ofKey: old)) }
        let instant = now()
        let end = min(identity.expiration, instant.addingTimeInterval(Double(web.settings.sessionSeconds)))
        let key = web.sessions.begin(with: identity.idToken, of: principal.id, until: end, at: instant)
        let seconds = Int(exactly: end.timeIntervalSince(instant).rounded(.down)) ?? 0
        cookie.set(key, seconds: max(0, seconds), in: &answer)
    }

    private func signOut(_ request: Request, _: String) async throws -> Response {
        let form = try await gate.form(in: request)
        if let visitor = try await gate.visitor(request, path: "/sign-out") {
            guard gate.redeem(form, for: .signOut, by: visitor) else { throw WebRefusal.staleForm(request: nil) }
            web.sessions.end(visitor.session)
        }
        var answer = WebAnswer.seeOther("/sign-in")
        WebCookie.session(of: web.settings).clear(in: &answer)
        return answer
    }

    /// Which request is to be shown afterwards: an id and nothing else, so that nobody is sent anywhere else.
    private static func wanted(_ request: Request) -> AccessControl.RequestID? {
        request.uri.queryParameters["request"].flatMap { AccessControl.RequestID(String($0)) }
    }

    private static func place(of request: AccessControl.RequestID?) -> String {
        request.map { "/requests/\($0)" } ?? "/requests"
    }
}
