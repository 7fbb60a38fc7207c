import AccessControl
import FoundationEssentials
import Hummingbird

/// What the pages' forms do: decide, cancel, revoke. Each wants a session, our own page as its origin, and a token that the page was
/// given; ``ApprovalDesk`` then decides as it does for the API.
struct FormRoutes: Sendable {
    let gate: WebGate
    let desk: ApprovalDesk
    let shown: ShownRequests

    var routes: [Route] {
        [
            Route.form("/requests/{id}/decision") { request, id in
                try await change(request, id, .decision) { form, id, visitor in
                    guard let choice = form["decision"].flatMap(ApprovalCase.Vote.Choice.init) else {
                        throw WebRefusal.malformedForm("The form says neither approve nor deny.")
                    }
                    _ = try await desk.decide(
                        choice, on: id, by: visitor.principal, comment: try form.comment(),
                        having: form["content_hash"] ?? "")
                }
            },
            Route.form("/requests/{id}/cancel") { request, id in
                try await change(request, id, .cancel) { form, id, visitor in
                    _ = try await desk.cancel(id, by: visitor.principal, comment: try form.comment())
                }
            },
            Route.form("/requests/{id}/revoke") { request, id in
                try await change(request, id, .revoke) { form, id, visitor in
                    _ = try await desk.revoke(id, by: visitor.principal, comment: try form.comment())
                }
            },
        ]
    }

    private func change(
        _ request: Request, _ text: String, _ act: FormTokens.Purpose.Act,
        _ body: (WebForm, AccessControl.RequestID, Visitor) async throws -> Void
    ) async throws -> Response {
        let form = try await gate.form(in: request)
        guard let id = AccessControl.RequestID(text) else { throw WebRefusal.noSuchRequest }
        guard let visitor = try await gate.visitor(request, path: "/requests/{id}/\(act.rawValue)") else {
            throw WebRefusal.signedOut(request: id)
        }
        do {
            // The hash is what the page showed; the token is of that very content.
            let purpose = FormTokens.Purpose(act: act, requestID: text, contentHash: form["content_hash"] ?? "")
            guard gate.redeem(form, for: purpose, by: visitor) else { throw WebRefusal.staleForm(request: id) }
            try await body(form, id, visitor)
            return WebAnswer.seeOther("/requests/\(id)")
        } catch let refusal as WebRefusal {
            throw refusal.shown(to: visitor)
        } catch {
            guard let refusal = Self.refusal(error, id: id) else { throw error }
            throw refusal.shown(to: visitor)
        }
    }

    /// Others were faster, or the policy has changed: the link leads to what is now.
    private static func refusal(_ error: any Error, id: AccessControl.RequestID) -> WebRefusal? {
        guard let refusal = WebRefusal(error) else { return nil }
        guard refusal.status != .notFound else { return refusal }
        return WebRefusal(
            refusal.status, title: "Nothing was changed", text: refusal.text,
            link: "<a href=\"/requests/\(id.description)\">See the request as it is now</a>",
            headers: refusal.headers)
    }
}
