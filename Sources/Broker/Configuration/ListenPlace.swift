import HTTPExchange
package import Hummingbird

/// Where something listens: on a Unix socket or on a TCP address, never on both.
package struct ListenPlace: Sendable {
    private let value: Value

    private enum Value {
        case unix(path: String)
        case tcp(host: String, port: Int)
    }

    init(unix: String?, address: String?, at decoder: any Decoder) throws {
        switch (unix, address) {
        case (let path?, nil): value = try .unix(path: Self.socketPath(path, at: decoder))
        case (nil, let address?): value = try Self.tcp(address, at: decoder)
        default: throw decoder.refusal("must have exactly one of the keys \"unix\" and \"address\"")
        }
    }

    package var bindAddress: BindAddress {
        switch value {
        case .unix(let path): .unixDomainSocket(path: path)
        case .tcp(let host, let port): .hostname(host, port: port)
        }
    }

    /// The socket's path; `nil` on TCP.
    package var socketPath: String? {
        if case .unix(let path) = value { path } else { nil }
    }

    /// Whether what it says could travel beyond this machine.
    var leavesThisMachine: Bool {
        guard case .tcp(let host, _) = value else { return false }
        return !LoopbackHost.contains(host)
    }

    /// unix(7): `sun_path` has 108 bytes, the last of them zero.
    private static func socketPath(_ path: String, at decoder: any Decoder) throws -> String {
        guard path.hasPrefix("/"), path.utf8.count <= 107, !path.utf8.contains(0) else {
            throw decoder.refusal("must have an absolute path of at most 107 bytes as \"unix\"")
        }
        return path
    }

    private static func tcp(_ address: String, at decoder: any Decoder) throws -> Value {
        let (host, port) = try hostAndPort(address, of: "address", at: decoder)
        return .tcp(host: host, port: port)
    }

    /// Reads `HOST:PORT`; an IPv6 address comes in brackets and goes without.
    /// - Parameter key: under which the text stands.
    static func hostAndPort(
        _ text: String, of key: String, at decoder: any Decoder
    ) throws -> (host: String, port: Int) {
        let malformed = decoder.refusal("must have HOST:PORT as \"\(key)\", as in 127.0.0.1:8080")
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw malformed
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw decoder.refusal("must have an IPv6 \"\(key)\" in brackets, as in [::1]:8080")
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw malformed }
        return (String(host), Int(port))
    }
}

extension Decoder {
    /// An error at this place of the file; `problem` completes the sentence "KEY …".
    func refusal(_ problem: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: codingPath, debugDescription: problem))
    }
}
