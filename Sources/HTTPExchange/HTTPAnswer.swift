package import NIOHTTP1

/// A complete answer.
package struct HTTPAnswer: Sendable {
    package let status: Int
    package let headers: HTTPHeaders
    package let body: [UInt8]

    package init(status: Int, headers: HTTPHeaders = [:], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The body as JSON of that shape; `nil` if it is anything else.
    package func decoded<Value: Decodable>(_ type: Value.Type) -> Value? {
        StrictJSON.decode(type, from: body)
    }

    /// `Retry-After` in its form of seconds (RFC 9110 section 10.2.3), at most a day; `nil` for a date or nonsense.
    package var retryAfter: Duration? {
        guard let seconds = headers.first(name: "Retry-After").flatMap({ Int($0) }), seconds >= 0 else { return nil }
        return .seconds(min(seconds, 86_400))
    }
}
