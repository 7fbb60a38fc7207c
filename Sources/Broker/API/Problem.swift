package import BrokerAPI
package import Hummingbird

/// An error answer, thrown from wherever a request ends.
package struct Problem: Error {
    package let details: ProblemDetails
    package let headers: HTTPFields

    package init(_ details: ProblemDetails, headers: HTTPFields = [:]) {
        self.details = details
        self.headers = headers
    }

    /// 400, with a sentence that names the field.
    static func invalidRequest(_ detail: String) -> Problem {
        Problem(ProblemDetails(status: 400, code: .invalidRequest, detail: detail))
    }

    func response() -> Response {
        var response = JSONAnswer.response(details, status: HTTPResponse.Status(code: details.status))
        response.headers[.contentType] = "application/problem+json"
        for field in headers { response.headers[field.name] = field.value }
        return response
    }
}

extension ProblemDetails {
    /// The type is `about:blank`, so the title is the status's own phrase (RFC 9457 section 4.2.1); what is special about
    /// the problem is in `code` and `detail`.
    init(status: Int, code: BrokerErrorCode, detail: String, requestID: String? = nil) {
        self.init(
            status: status, code: code, title: HTTPResponse.Status(code: status).reasonPhrase, detail: detail,
            requestID: requestID)
    }
}
