/// One HTTP request as the signer sees it: everything that the signature covers.
package struct SigV4Request: Sendable {
    /// `GET`, `POST`, …; signed in upper case.
    package var method: String
    /// What the `Host` header will say: the name, and the port unless it is the scheme's own.
    package var host: String
    /// The path exactly as it will be sent, already percent-encoded. Empty means `/`.
    package var path: String
    /// Decoded names and values, in any order. Send them as ``encodedQuery``.
    package var query: [(name: String, value: String)]
    /// Headers to sign besides `Host`; a name may repeat.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        method: String,
        host: String,
        path: String,
        query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.host = host
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The query as it must be sent so that the signature fits: percent-encoded and in the given order.
    package var encodedQuery: String {
        query.map { "\(PercentEncoding.encoded($0.name))=\(PercentEncoding.encoded($0.value))" }.joined(separator: "&")
    }
}
