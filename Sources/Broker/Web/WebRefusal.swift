import AccessControl
import BrokerAPI
import Hummingbird
import OIDC

/// Why a browser doesn't get what it asked for, as a page.
struct WebRefusal: Error {
    let status: HTTPResponse.Status
    let title: HTML
    let text: HTML
    /// Where to go from here.
    let link: HTML
    /// Besides those of every page: when to come back (`Retry-After`), or what the path takes (`Allow`).
    let headers: HTTPFields
    let visitor: Visitor?
    /// Why it has no principal, for metrics and limits; `nil` for any other refusal.
    let failure: AuthenticationFailure?

    init(
        _ status: HTTPResponse.Status, title: HTML, text: HTML, link: HTML? = nil, headers: HTTPFields = [:],
        visitor: Visitor? = nil, failure: AuthenticationFailure? = nil
    ) {
        self.status = status
        self.title = title
        self.text = text
        self.link = link ?? "<a href=\"/requests\">See your requests</a>"
        self.headers = headers
        self.visitor = visitor
        self.failure = failure
    }

    /// The same, for somebody who is signed in.
    func shown(to visitor: Visitor) -> WebRefusal {
        WebRefusal(
            status, title: title, text: text, link: link, headers: headers, visitor: visitor, failure: failure)
    }

    /// What to throw instead of `error`, so that it becomes a page of somebody who is signed in.
    static func page(of error: any Error, for visitor: Visitor) -> any Error {
        guard let refusal = WebRefusal(error) else { return error }
        return refusal.shown(to: visitor)
    }

    func response() -> Response {
        let body: HTML = "<p role=\"alert\">\(text)</p>\n<p>\(link)</p>"
        var response = WebAnswer.page(
            PageLayout.document(title: title, visitor: visitor, body: body), status: status)
        for field in headers { response.headers[field.name] = field.value }
        return response
    }

    /// What the API would answer with a problem; `nil` for what only a bug throws.
    init?(_ error: any Error) {
        switch error {
        case let refusal as WebRefusal: self = refusal
        case let failure as ApprovalFailure: self.init(problem: Problem(failure))
        case let failure as AuthenticationFailure: self.init(problem: Problem(failure), because: failure)
        case let failure as SignInError: self = .noSignIn(failure)
        case let problem as Problem: self.init(problem: problem)
        default: return nil
        }
    }

    /// What the API would answer with `problem` itself.
    init(problem: Problem, because failure: AuthenticationFailure? = nil) {
        // 401 would want a challenge that browsers can answer by themselves.
        let status = HTTPResponse.Status(code: problem.details.status == 401 ? 403 : problem.details.status)
        var headers = problem.headers
        headers[.wwwAuthenticate] = nil
        let text: HTML = "\(problem.details.detail)"
        if problem.details.code == BrokerErrorCode.requestNotFound.rawValue {
            self = .noSuchRequest
        } else if case .noSignIn? = failure {
            self.init(
                status, title: "You are not signed in", text: text, link: SignInPage.link(to: nil), failure: failure)
        } else {
            self.init(status, title: "That did not work", text: text, headers: headers, failure: failure)
        }
    }

    /// The same whether there is none, or none that this person may know of.
    static let noSuchRequest = WebRefusal(
        .notFound, title: "No such request",
        text: "There is no such request that you asked for or may decide on.")

    /// A form that didn't come from a page of ours.
    static let foreignForm = WebRefusal(
        .forbidden, title: "Nothing was changed",
        text: "This came from another site, or from a browser that does not say where it comes from.")

    static func signedOut(request: AccessControl.RequestID?) -> WebRefusal {
        WebRefusal(
            .forbidden, title: "Nothing was changed",
            text: "You are not signed in any more. Sign in, then look at it again.",
            link: SignInPage.link(to: request))
    }

    /// A token that is used, too old, or of something else.
    static func staleForm(request: AccessControl.RequestID?) -> WebRefusal {
        WebRefusal(
            .conflict, title: "Nothing was changed",
            text: """
                This form was sent before, or is too old, or is about something else than what is asked for now. If you have sent it \
                twice, the first one counted.
                """, link: request.map { "<a href=\"/requests/\($0.description)\">See the request as it is now</a>" })
    }

    static func malformedForm(_ text: HTML) -> WebRefusal {
        WebRefusal(.badRequest, title: "Nothing was changed", text: text)
    }

    /// Of what is nobody's failure: ``SignInProblem`` has the others.
    private static func noSignIn(_ error: SignInError) -> WebRefusal {
        let (status, text): (HTTPResponse.Status, HTML) =
            switch error {
            case .unavailable: (.serviceUnavailable, "The identity provider is not available now. Try again shortly.")
            case .denied: (.forbidden, "The identity provider says that nobody signed in.")
            default: (.badGateway, "The identity provider and the broker do not agree. Tell the broker's operator.")
            }
        return WebRefusal(status, title: "You are not signed in", text: text, link: SignInPage.link(to: nil))
    }
}
