import HTTPTypes
import Hummingbird

/// A request as it came off the wire: what a signature is computed over.
package struct SignedRequest: Sendable {
    package var method: String
    /// Undecoded.
    package var path: String
    /// Undecoded, without the question mark.
    package var query: String
    /// Names in lower case, `host` included, in the order they came.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        method: String, path: String, query: String, headers: [(name: String, value: String)], body: [UInt8]
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    init(_ request: Request, body: [UInt8]) {
        let target = request.rawTarget
        var headers = request.headers.map { (name: $0.name.canonicalName, value: $0.value) }
        // HTTPTypes keeps the Host header apart, as HTTP/2's :authority.
        if let host = request.head.authority { headers.append((name: "host", value: host)) }
        self.init(
            method: request.method.rawValue, path: target.path, query: target.query, headers: headers, body: body)
    }

    func values(of header: String) -> [String] {
        headers.filter { $0.name == header }.map(\.value)
    }
}
