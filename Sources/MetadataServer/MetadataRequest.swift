package import NIOHTTP1

/// Of an HTTP request, all that an answer may depend on. Taken from the head in one pass over its fields.
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
    let keepsAlive: Bool
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

    package init(_ head: HTTPRequestHead) {
        method = head.method
        target = head.uri
        needsHost = head.version.minor >= 1
        // After CONNECT and `Upgrade` the decoder stops reading HTTP.
        keepsAlive = head.isKeepAlive && head.method != .CONNECT && !head.headers.contains(name: "upgrade")
        for (name, value) in head.headers { note(name, value) }
    }

    /// Compares by length first, so that most fields cost one comparison of two numbers.
    private mutating func note(_ name: String, _ value: String) {
        switch name.utf8.count {
        case 3 where name.isField("via"): isForwarded = true
        case 4 where name.isField("host"): host.add(value)
        case 6 where name.isField("origin"): isFromBrowser = true
        case 7 where name.isField("referer"): isFromBrowser = true
        case 9 where name.isField("forwarded"): isForwarded = true
        case 10 where name.isField("user-agent"):
            userAgent = value
            isFromBrowser = isFromBrowser || value.hasPrefix("Mozilla/")
        case 13 where name.isField("authorization"): authorization.add(value)
        case 24 where name.isField("x-aws-ec2-metadata-token"): sessionToken.add(value)
        case 36 where name.isField("x-aws-ec2-metadata-token-ttl-seconds"): sessionTokenTTL.add(value)
        case 11...: noteFamily(name)
        default: break
        }
    }

    /// `X-Forwarded-For`, `-Host`, `-Proto`, …; `Sec-Fetch-Site`, `-Mode`, …
    private mutating func noteFamily(_ name: String) {
        if name.isField("x-forwarded-", prefix: true) { isForwarded = true }
        if name.isField("sec-fetch-", prefix: true) { isFromBrowser = true }
    }
}

extension MetadataRequest.Field {
    fileprivate mutating func add(_ value: String) {
        self = self == .absent ? .value(value) : .repeated
    }
}

extension String {
    /// Whether this is the field name `lowercased`, or begins with it, in any case of letters (RFC 9110 §5.1).
    fileprivate func isField(_ lowercased: StaticString, prefix: Bool = false) -> Bool {
        let length = lowercased.utf8CodeUnitCount
        guard prefix ? utf8.count >= length : utf8.count == length else { return false }
        return utf8.withContiguousStorageIfAvailable { bytes in
            lowercased.withUTF8Buffer { expected in
                expected.indices.allSatisfy { index in
                    let byte = bytes[index]
                    let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    return (isCapital ? byte | 0x20 : byte) == expected[index]
                }
            }
        } ?? false
    }
}
