package import NIOCore
package import NIOHTTP1

/// What to ask whom.
package struct HTTPClientRequest: Sendable {
    package struct Body: Sendable {
        let buffer: ByteBuffer

        package static func bytes(_ buffer: ByteBuffer) -> Body { Body(buffer: buffer) }
        package static func bytes(_ bytes: [UInt8]) -> Body { Body(buffer: ByteBuffer(bytes: bytes)) }
    }

    package var method = HTTPMethod.GET
    /// `Host` and `Content-Length` are added where they are absent.
    package var headers = HTTPHeaders()
    package var body: Body?
    /// `nil` if the address was none.
    let origin: HTTPOrigin?
    /// Path and query.
    let target: String
    /// What `Host` is if the request names none.
    let authority: String

    /// - Parameter url: absolute, `http` or `https`, without user. A fragment is not sent. Anything else makes an exchange
    ///   that fails.
    package init(url: String) {
        let address = WebAddress(url)
        origin = address.flatMap(HTTPOrigin.init)
        target = address?.target ?? "/"
        authority = address?.authority ?? ""
    }

    /// To whoever listens on that Unix socket.
    ///
    /// - Parameter target: path and query, encoded. One with blanks or control characters makes an exchange that fails.
    package init(socketPath: String, target: String) {
        let isTarget = target.hasPrefix("/") && target.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        origin = isTarget ? .unix(path: socketPath) : nil
        self.target = target
        authority = "localhost"
    }

    /// Whether asking twice does what asking once does (RFC 9110 section 9.2.2).
    var isIdempotent: Bool {
        switch method {
        case .GET, .HEAD, .PUT, .DELETE, .OPTIONS: true
        default: false
        }
    }

    /// What goes on the wire before the body.
    var head: HTTPRequestHead {
        var headers = headers
        if !headers.contains(name: "Host") { headers.add(name: "Host", value: authority) }
        if !headers.contains(name: "Content-Length"), body != nil || ![.GET, .HEAD, .DELETE].contains(method) {
            headers.add(name: "Content-Length", value: String(body?.buffer.readableBytes ?? 0))
        }
        return HTTPRequestHead(version: .http1_1, method: method, uri: target, headers: headers)
    }
}

/// Whom a connection leads to.
enum HTTPOrigin: Sendable, Hashable {
    case tcp(host: String, port: Int, isSecure: Bool)
    case unix(path: String)

    init?(_ address: WebAddress) {
        guard !address.hasUser else { return nil }
        let host = address.host.hasPrefix("[") ? String(address.host.dropFirst().dropLast()) : address.host.lowercased()
        switch address.scheme {
        case "http": self = .tcp(host: host, port: address.port ?? 80, isSecure: false)
        case "https": self = .tcp(host: host, port: address.port ?? 443, isSecure: true)
        default: return nil
        }
    }
}
