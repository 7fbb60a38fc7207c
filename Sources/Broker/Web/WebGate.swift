import AccessControl
import Credentials
import FoundationEssentials
import HTTPTypes
import Hummingbird
import OIDC

/// Somebody who is signed in, in one browser.
struct Visitor: Sendable {
    let principal: Principal
    let session: WebSessionID
    /// For the form that signs out.
    let signOutToken: String
}

/// Who may look at a page, and whether a form is one of ours.
struct WebGate: Sendable {
    let web: WebParts
    let authenticator: Authenticator
    let now: @Sendable () -> Date

    /// Pages' own forms stay far under this.
    private static let longestForm = 16 * 1024

    /// `nil` if nobody is signed in. The session's token is verified anew each time, so its end ends the session.
    func visitor(_ request: Request, path: String) async throws -> Visitor? {
        let cookie = WebCookie.session(of: web.settings)
        guard let session = cookie.value(in: request).map({ WebSessionID(ofKey: $0) }),
            let token = web.sessions.idToken(of: session, at: now())
        else { return nil }
        do throws(AuthenticationFailure) {
            let headers: HTTPFields = [.authorization: "Bearer \(token.revealed())"]
            let principal = try await authenticator.principal(in: headers, path: path)
            let signOut = web.forms.token(for: .signOut, in: session, at: now())
            return Visitor(principal: principal, session: session, signOutToken: signOut)
        } catch {
            guard case .refused = error else { throw error }
            web.sessions.end(session)
            return nil
        }
    }

    /// The fields of a form that one of our pages has sent. A browser says where a form comes from (`Origin`, `Sec-Fetch-Site`);
    /// with `no-referrer` the origin may be `null`, and then the other one counts.
    func form(in request: Request) async throws -> WebForm {
        let site = HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] }
        switch (request.headers[.origin], site) {
        case (web.settings.origin, nil), (web.settings.origin, "same-origin"), ("null", "same-origin"),
            (nil, "same-origin"):
            break
        default: throw WebRefusal.foreignForm
        }
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true else {
            throw WebRefusal.malformedForm("The form is not sent as forms are.")
        }
        guard let body = try? await request.body.collect(upTo: Self.longestForm),
            let form = WebForm(String(buffer: body))
        else { throw WebRefusal.malformedForm("The form is too long, or can't be read.") }
        return form
    }

    /// Uses the form's token up. Each is good once, for what it was made for.
    func redeem(_ form: WebForm, for purpose: FormTokens.Purpose, by visitor: Visitor) -> Bool {
        guard let token = form["token"],
            let nonce = web.forms.nonce(of: token, for: purpose, in: visitor.session, at: now())
        else { return false }
        return web.sessions.use(form: nonce, in: visitor.session)
    }
}

/// A form as it was sent.
struct WebForm: Sendable {
    private let fields: [String: String]

    /// `nil` if it can't be read, or has a field twice.
    init?(_ text: String) {
        guard let fields = FormEncoding.fields(text), Set(fields.map(\.name)).count == fields.count else { return nil }
        self.fields = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
    }

    subscript(_ name: String) -> String? { fields[name] }

    /// What somebody has written; browsers send lines with CR and LF. `nil` for nothing.
    func comment() throws -> String? {
        let text = (fields["comment"] ?? "").replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        try Wish.check(text, key: "comment")
        return text.allSatisfy(\.isWhitespace) ? nil : text
    }
}
