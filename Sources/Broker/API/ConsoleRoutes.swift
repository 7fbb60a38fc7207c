import AWSAPI
import AccessControl
import BrokerAPI
import Credentials
import FoundationEssentials
import Hummingbird

/// `/v1/console-links`: the AWS console, with credentials that are minted for it.
struct ConsoleRoutes: Sendable {
    let authenticator: Authenticator
    let issuance: CredentialIssuance
    let links: ConsoleLinks

    var routes: [Route] { [Route(method: .post, path: "/v1/console-links", answer: create)] }

    /// As JSON, or with `?redirect=true` as a redirect to the console.
    private func create(_ request: Request) async throws -> Response {
        let principal = try await authenticator.principal(in: request.headers, path: "/v1/console-links")
        let redirects = try redirects(request)
        let call = try await JSONRequest.decode(
            ConsoleLinkCall.self, keys: ConsoleLinkCall.CodingKeys.self, from: request)
        let wish = try Wish(
            policy: call.policy, seconds: call.durationSeconds, reason: call.reason, ticket: call.ticket)
        try links.check(call.destination)
        switch try await issuance.issue(wish, to: principal) {
        case .needsApproval(let id): return ApprovalNeeded.response(for: id)
        case .issued(let id, let credentials, _):
            let link = try await links.link(for: credentials, destination: call.destination).revealed()
            if redirects { return Response(status: .seeOther, headers: [.location: link]) }
            return JSONAnswer.response(
                ConsoleLink(
                    requestID: id.description, signInURL: link, expiration: AWSTimestamp.text(credentials.expiration)))
        }
    }

    private func redirects(_ request: Request) throws(Problem) -> Bool {
        switch request.uri.queryParameters["redirect"] {
        case nil, "false": false
        case "true": true
        default: throw .invalidRequest("The parameter \"redirect\" must be true or false.")
        }
    }
}

extension Problem {
    init(_ failure: ConsoleSignInFailure) {
        switch failure {
        case .foreignDestination:
            self = .invalidRequest("The key \"destination\" must be an https address of a page of the AWS console.")
        case .refused:
            self.init(
                ProblemDetails(
                    status: 502, code: .upstreamRefused,
                    detail: "AWS refused to sign the credentials in to the console; ask the broker's operator."))
        case .unavailable:
            self.init(
                ProblemDetails(
                    status: 503, code: .temporarilyUnavailable,
                    detail: "AWS's sign-in cannot be reached now; try again shortly."),
                headers: [.retryAfter: "5"])
        }
    }
}
