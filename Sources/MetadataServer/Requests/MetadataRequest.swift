/// Of an HTTP request, all that an answer may depend on. Its fields are told one by one, by ``note(_:_:)``.
package struct MetadataRequest: Sendable {
    /// A method (RFC 9110 §9), as far as that makes a difference.
    package enum Method: Sendable, Equatable {
        case get, head, put, connect
        /// None of these, registered or not.
        case other

        package init(_ name: FieldText) {
            switch name.count {
            case 3 where name.bytes.elementsEqual("GET".utf8): self = .get
            case 3 where name.bytes.elementsEqual("PUT".utf8): self = .put
            case 4 where name.bytes.elementsEqual("HEAD".utf8): self = .head
            case 7 where name.bytes.elementsEqual("CONNECT".utf8): self = .connect
            default: self = .other
            }
        }

        /// Whether it asks for nothing but an answer.
        var isRead: Bool { self == .get || self == .head }
    }

    /// A field that may be sent once.
    package enum Field: Sendable, Equatable {
        case absent
        case value(String)
        case repeated
    }

    package let method: Method
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

    /// - Parameter isHTTP10: and not HTTP/1.1, after which another request may follow unless it says otherwise (RFC 9112 §9.3).
    package init(method: Method, target: String, isHTTP10: Bool) {
        self.method = method
        self.target = target
        needsHost = !isHTTP10
        keepsAlive = !isHTTP10 && method != .connect
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
