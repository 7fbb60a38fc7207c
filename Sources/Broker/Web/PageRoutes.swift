import AccessControl
import FoundationEssentials
import Hummingbird

/// The pages that show requests.
struct PageRoutes: Sendable {
    let gate: WebGate
    let desk: ApprovalDesk
    let shown: ShownRequests

    var routes: [Route] {
        Route.pages("/") { _, _ in WebAnswer.seeOther("/requests") }
            + Route.pages("/pages.css") { _, _ in WebAnswer.stylesheet() }
            + Route.pages("/requests", list)
            + Route.pages("/requests/{id}", show)
            // Where a form was sent, somebody may come by reloading or by going back.
            + ["decision", "cancel", "revoke"].flatMap { verb in
                Route.pages("/requests/{id}/\(verb)") { _, id in Self.redirect(to: id) }
            }
            // The original's link, which granted access to whoever followed it; this one shows the page.
            + Route.pages("/credentials/approve") { request, _ in
                Self.redirect(to: request.uri.queryParameters["requestid"].map { String($0) } ?? "")
            }
    }

    private func list(_ request: Request, _: String) async throws -> Response {
        guard let visitor = try await gate.visitor(request, path: "/requests") else {
            return WebAnswer.seeOther("/sign-in")
        }
        do {
            let principal = visitor.principal
            let limit = ApprovalDesk.longestPage
            var waiting = try await desk.requestsToDecide(by: principal, after: nil, limit: limit)
            waiting.cases.removeAll { $0.lastVote(of: principal) != nil }
            let own = try await desk.requests(of: principal, after: nil, limit: limit)
            return WebAnswer.page(RequestListPage(waiting: waiting, own: own, at: gate.now()).document(for: visitor))
        } catch {
            throw WebRefusal.page(of: error, for: visitor)
        }
    }

    private func show(_ request: Request, id: String) async throws -> Response {
        guard let visitor = try await gate.visitor(request, path: "/requests/{id}") else {
            return WebAnswer.seeOther(AccessControl.RequestID(id).map { "/sign-in?request=\($0)" } ?? "/sign-in")
        }
        do {
            let found = try await shown.request(id, for: visitor.principal)
            let tokens = RequestPage.Tokens { act in
                gate.web.forms.token(for: .init(act, on: found.approval), in: visitor.session, at: gate.now())
            }
            return WebAnswer.page(RequestPage(shown: found, tokens: tokens).document(for: visitor))
        } catch {
            throw WebRefusal.page(of: error, for: visitor)
        }
    }

    private static func redirect(to id: String) -> Response {
        WebAnswer.seeOther(AccessControl.RequestID(id).map { "/requests/\($0)" } ?? "/requests")
    }
}
