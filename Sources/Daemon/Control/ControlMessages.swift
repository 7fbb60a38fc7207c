import DaemonAPI
import HTTPExchange

/// A whole request to the control socket.
struct ControlRequest: Sendable {
    let method: String
    /// Without the query.
    let path: String
    /// What stands behind `?`; empty if nothing.
    let query: String
    let body: [UInt8]

    init(method: String, path: String, query: String = "", body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }
}

/// A whole answer.
struct ControlResponse: Sendable {
    let status: Int
    let body: [UInt8]
    var allow: String?
    var contentType = "application/json"

    static func empty(_ status: Int) -> ControlResponse {
        ControlResponse(status: status, body: [])
    }

    static func json(_ status: Int, _ value: some Encodable) -> ControlResponse {
        guard let body = StrictJSON.encode(value) else { return ControlResponse(status: 500, body: Array("{}".utf8)) }
        return ControlResponse(status: status, body: body)
    }

    static func failure(_ status: Int, _ code: String, _ message: String, allow: String? = nil) -> ControlResponse {
        var response = json(status, DaemonError(code: code, message: message))
        response.allow = allow
        return response
    }
}
