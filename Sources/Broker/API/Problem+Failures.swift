import AWSAPI
import AccessControl
import BrokerAPI
import FoundationEssentials
import Hummingbird
import NIOCore

// The one place where failures become HTTP.

extension Problem {
    init(_ failure: IssuanceFailure) {
        let status =
            switch failure.code {
            case .policyNotFound: 404
            case .policyUnusable, .limitExceeded, .notificationTargetMissing: 422
            case .accessDenied, .requirementUnmet: 403
            case .tooManyRequests: 429
            case .upstreamRefused: 502
            case .temporarilyUnavailable: 503
            default: 500
            }
        var headers: HTTPFields = [:]
        if status == 503 || status == 429 { headers[.retryAfter] = "\(Self.retryAfterSeconds(failure))" }
        self.init(
            ProblemDetails(
                status: status, code: failure.code, detail: failure.description,
                requestID: failure.requestID?.description),
            headers: headers)
    }

    private static func retryAfterSeconds(_ failure: IssuanceFailure) -> Int {
        if case .tooManyPending = failure { return 60 }
        if case .awsUnavailable(let delay?, _) = failure { return min(max(delay.wholeSeconds, 1), 3600) }
        return 5
    }

    init(_ failure: AuthenticationFailure) {
        switch failure {
        case .keysUnavailable:
            let detail = "The identity provider's keys cannot be fetched now; try again shortly."
            self.init(
                ProblemDetails(
                    status: 503, code: .temporarilyUnavailable, detail: detail),
                headers: [.retryAfter: "5"])
        case .unusableClaim(let name, let problem):
            let detail = "The token's claim \"\(name)\" \(problem); ask the identity provider's operator."
            self.init(ProblemDetails(status: 403, code: .accessDenied, detail: detail))
        case .tooOften(let seconds):
            let detail = "You ask too often; try again in \(seconds) s."
            self.init(
                ProblemDetails(status: 429, code: .tooManyRequests, detail: detail),
                headers: [.retryAfter: "\(max(1, seconds))"])
        case .noSignIn(let problem):
            self.init(
                ProblemDetails(
                    status: problem.needsOperator ? 502 : 403,
                    code: problem.needsOperator ? .upstreamRefused : .accessDenied, detail: problem.advice))
        case .noToken:
            self.init(unauthorized: "Send an ID token in the Authorization header.")
        case .malformedHeader:
            self.init(unauthorized: "The Authorization header is neither \"Bearer TOKEN\" nor a bare ID token.")
        case .refused(_, let advice):
            self.init(unauthorized: advice)
        }
    }

    /// RFC 6750, section 3: the challenge of every 401.
    private init(unauthorized detail: String) {
        self.init(
            ProblemDetails(status: 401, code: .invalidToken, detail: detail),
            headers: [.wwwAuthenticate: "Bearer"])
    }

    /// What the HTTP library or a bug threw. `allowed` are the methods of the requested path, if it exists.
    init(_ error: any Error, allowed: [HTTPRequest.Method]?) {
        switch error {
        case let problem as Problem: self = problem
        case let failure as IssuanceFailure: self.init(failure)
        case let failure as ApprovalFailure: self.init(failure)
        case let failure as CatalogFailure: self.init(failure)
        case let failure as ConsoleSignInFailure: self.init(failure)
        case let failure as AuthenticationFailure: self.init(failure)
        case is NIOTooManyBytesError: self = .tooLarge
        case let error as HTTPError where error.status == .notFound: self.init(noSuchRoute: allowed)
        case let error as HTTPError where error.status == .contentTooLarge: self = .tooLarge
        case let error as HTTPError where (400..<500).contains(error.status.code):
            self = .invalidRequest("The request is malformed.")
        default:
            let detail = "The broker made a mistake; its log says more."
            self.init(ProblemDetails(status: 500, code: .internalError, detail: detail))
        }
    }

    private static var tooLarge: Problem {
        let detail = "The body is over \(RequestBodyLimit.bytes) bytes."
        return Problem(ProblemDetails(status: 413, code: .requestTooLarge, detail: detail))
    }

    private init(noSuchRoute allowed: [HTTPRequest.Method]?) {
        if let allowed {
            let methods = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            let detail = "This path takes \(methods) only."
            self.init(
                ProblemDetails(status: 405, code: .methodNotAllowed, detail: detail),
                headers: [.allow: methods])
        } else {
            let detail = "There is nothing at this path."
            self.init(ProblemDetails(status: 404, code: .notFound, detail: detail))
        }
    }
}
