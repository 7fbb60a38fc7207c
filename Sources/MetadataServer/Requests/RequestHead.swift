/// The head of one request, as far as it has been read: its first line, and the fields so far.
struct RequestHead {
    /// How the end of the request's body is found (RFC 9112 §6.3).
    enum Framing: Equatable {
        /// So many bytes; often none.
        case length(Int)
        case chunked
    }

    private var request: MetadataRequest
    private let isHTTP10: Bool
    private var contentLength: Int?
    private var isChunked = false
    private var closes = false
    private var asksToKeepAlive = false
    private var upgrades = false

    /// `method SP request-target SP HTTP-version` (RFC 9112 §3).
    init(line: FieldText) throws(MetadataError) {
        let space = UInt8(ascii: " ")
        guard let first = line.bytes.firstIndex(of: space), let last = line.bytes.lastIndex(of: space), first < last
        else { throw .malformedRequest }
        let method = FieldText(line.bytes[..<first])
        let target = FieldText(line.bytes[(first + 1)..<last])
        guard method.isToken, target.isTarget else { throw .malformedRequest }
        isHTTP10 = try Self.isHTTP10(FieldText(line.bytes[(last + 1)...]))
        request = MetadataRequest(
            method: MetadataRequest.Method(method), target: target.string, isHTTP10: isHTTP10)
    }

    mutating func note(line: FieldText) throws(MetadataError) {
        let (name, value) = try Self.field(line)
        switch name.count {
        case 7 where name.isField("upgrade"): upgrades = true
        case 10 where name.isField("connection"): noteConnection(value)
        case 14 where name.isField("content-length"): try noteLength(value)
        case 17 where name.isField("transfer-encoding"): try noteCoding(value)
        default: request.note(name, value)
        }
    }

    /// `field-name ":" field-value` (RFC 9112 §5). A folded line, or whitespace before the colon, is no field.
    static func field(_ line: FieldText) throws(MetadataError) -> (name: FieldText, value: FieldText) {
        guard let colon = line.bytes.firstIndex(of: UInt8(ascii: ":")) else { throw .malformedRequest }
        let name = FieldText(line.bytes[..<colon])
        let value = FieldText(line.bytes[(colon + 1)...]).trimmed
        guard name.isToken, value.isFieldValue else { throw .malformedRequest }
        return (name, value)
    }

    /// After the last field.
    func complete() throws(MetadataError) -> (MetadataRequest, Framing) {
        // Both together are how requests are smuggled, and chunks are not known to HTTP/1.0 (RFC 9112 §6.1).
        guard !isChunked || contentLength == nil && !isHTTP10 else { throw .malformedRequest }
        var request = request
        if isHTTP10 { request.keepsAlive = asksToKeepAlive && request.method != .connect }
        // After an `Upgrade` another protocol may follow.
        if closes || upgrades { request.keepsAlive = false }
        return (request, isChunked ? .chunked : .length(contentLength ?? 0))
    }

    private mutating func noteConnection(_ value: FieldText) {
        if value.hasElement("close") { closes = true }
        if value.hasElement("keep-alive") { asksToKeepAlive = true }
    }

    private mutating func noteLength(_ value: FieldText) throws(MetadataError) {
        guard contentLength == nil, let length = value.number else { throw .malformedRequest }
        contentLength = length
    }

    private mutating func noteCoding(_ value: FieldText) throws(MetadataError) {
        guard !isChunked, value.isField("chunked") else { throw .malformedRequest }
        isChunked = true
    }

    /// Or HTTP/1.1; nothing else is spoken here.
    private static func isHTTP10(_ version: FieldText) throws(MetadataError) -> Bool {
        guard version.count == 8, version.bytes.starts(with: "HTTP/1.".utf8) else { throw .malformedRequest }
        switch version.bytes[7] {
        case UInt8(ascii: "1"): return false
        case UInt8(ascii: "0"): return true
        default: throw .malformedRequest
        }
    }
}
