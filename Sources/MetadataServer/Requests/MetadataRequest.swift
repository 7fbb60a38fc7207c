package import NIOHTTP1

/// Of an HTTP request, all that an answer may depend on. Its fields are told one by one, by ``note(_:_:)``.
package struct MetadataRequest: Sendable {
    /// A field that may be sent once.
    package enum Field: Sendable, Equatable {
        case absent
        case value(String)
        case repeated
    }

    package let method: HTTPMethod
    /// The request target as sent: path and query.
    package let target: String
    /// HTTP/1.1 demands a `Host` (RFC 9112 §3.2), HTTP/1.0 does not know it.
    let needsHost: Bool
    /// Whether another request may follow.
    var keepsAlive: Bool
    private(set) var host = Field.absent
    private(set) var sessionToken = Field.absent
    private(set) var sessionTokenTTL = Field.absent
    private(set) var authorization = Field.absent
    /// As the program calls itself.
    private(set) var userAgent = ""
    /// A proxy has passed it on.
    private(set) var isForwarded = false
    /// A web page has caused it.
    private(set) var isFromBrowser = false

    /// - Parameter version: HTTP/1.0 or HTTP/1.1, which differ in what is done after the answer (RFC 9112 §9.3).
    package init(method: HTTPMethod, target: String, version: HTTPVersion) {
        self.method = method
        self.target = target
        needsHost = version.minor >= 1
        keepsAlive = version.minor >= 1 && method != .CONNECT
    }

    /// Takes note of a field, if an answer may depend on it. Compares names by length first, so that most fields cost one
    /// comparison of two numbers.
    package mutating func note(_ name: FieldText, _ value: FieldText) {
        switch name.count {
        case 3 where name.isField("via"): isForwarded = true
        case 4 where name.isField("host"): host.add(value)
        case 6 where name.isField("origin"): isFromBrowser = true
        case 7 where name.isField("referer"): isFromBrowser = true
        case 9 where name.isField("forwarded"): isForwarded = true
        case 10 where name.isField("user-agent"):
            userAgent = value.string
            isFromBrowser = isFromBrowser || userAgent.hasPrefix("Mozilla/")
        case 13 where name.isField("authorization"): authorization.add(value)
        case 24 where name.isField("x-aws-ec2-metadata-token"): sessionToken.add(value)
        case 36 where name.isField("x-aws-ec2-metadata-token-ttl-seconds"): sessionTokenTTL.add(value)
        case 11...: noteFamily(name)
        default: break
        }
    }

    /// `X-Forwarded-For`, `-Host`, `-Proto`, …; `Sec-Fetch-Site`, `-Mode`, …
    private mutating func noteFamily(_ name: FieldText) {
        if name.beginsField("x-forwarded-") { isForwarded = true }
        if name.beginsField("sec-fetch-") { isFromBrowser = true }
    }
}

extension MetadataRequest.Field {
    fileprivate mutating func add(_ value: FieldText) {
        self = self == .absent ? .value(value.string) : .repeated
    }
}
