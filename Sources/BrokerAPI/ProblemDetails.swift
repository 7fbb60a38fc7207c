/// An error answer of the broker: RFC 9457 `application/problem+json` with a stable ``code``.
package struct ProblemDetails: Codable, Sendable, Equatable {
    /// `about:blank` or a URI of the kind of problem (RFC 9457, section 3.1.1).
    package var type: String
    package var title: String
    /// The HTTP status code.
    package var status: Int
    /// One sentence about this occurrence that says what to do next. Never a secret.
    package var detail: String
    /// What programs decide by; see ``BrokerErrorCode``.
    package var code: String
    /// The request's id, where one was recorded.
    package var requestID: String?

    package init(status: Int, code: BrokerErrorCode, title: String, detail: String, requestID: String? = nil) {
        self.type = "about:blank"
        self.title = title
        self.status = status
        self.detail = detail
        self.code = code.rawValue
        self.requestID = requestID
    }

    enum CodingKeys: String, CodingKey {
        case type, title, status, detail, code
        case requestID = "request_id"
    }
}

/// The stable codes of the broker's problem details.
package enum BrokerErrorCode: String, Sendable, CaseIterable {
    /// 400: the body, a header or a parameter is malformed.
    case invalidRequest = "invalid_request"
    /// 401: no ID token, or one that doesn't verify.
    case invalidToken = "invalid_token"
    /// 403: the rules say no. Final until somebody changes them.
    case accessDenied = "access_denied"
    /// 403: a reason, a ticket, another sign-in, place or time is required; the detail says which.
    case requirementUnmet = "requirement_unmet"
    /// 404: no such path.
    case notFound = "not_found"
    /// 404: no such policy, or none that this principal may know of.
    case policyNotFound = "policy_not_found"
    /// 404: no such team.
    case teamNotFound = "team_not_found"
    /// 405: the path exists, the method doesn't.
    case methodNotAllowed = "method_not_allowed"
    /// 404: no such request, or none that this principal may know of.
    case requestNotFound = "request_not_found"
    /// 409: not in a state in which this can be done, or not what it was when it was shown.
    case conflict
    /// 412: what is stored is not what the change expects; read it again.
    case preconditionFailed = "precondition_failed"
    /// 413: the body is over the limit.
    case requestTooLarge = "request_too_large"
    /// 415: the body is not JSON.
    case unsupportedMediaType = "unsupported_media_type"
    /// 422: what is stored, or was sent, of a policy or team cannot be used; whoever writes it must repair it.
    case policyUnusable = "policy_unusable"
    /// 422: a limit of AWS or of the policy is broken; the detail names it.
    case limitExceeded = "limit_exceeded"
    /// 422: those who should be told of the request can't be; choose another channel, or none.
    case notificationTargetMissing = "notification_target_missing"
    /// 428: the change doesn't say what it expects to find.
    case preconditionRequired = "precondition_required"
    /// 429: slow down; see `Retry-After`.
    case tooManyRequests = "too_many_requests"
    /// 500: the broker's own mistake or misconfiguration.
    case internalError = "internal_error"
    /// 502: AWS refused the broker's call.
    case upstreamRefused = "upstream_refused"
    /// 503: AWS, the identity provider or the audit store can't be reached now.
    case temporarilyUnavailable = "temporarily_unavailable"
}
