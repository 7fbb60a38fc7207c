import NIOCore

/// `127.0.0.1:80` or `[::1]:80`: a numeric address and a port, 0 for any free one.
struct SocketText {
    let host: String
    let port: Int
    let address: SocketAddress

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]"), host.contains(":") {
            self.host = String(host.dropFirst().dropLast())
        } else if !host.isEmpty, !host.contains(":") {
            self.host = String(host)
        } else {
            return nil
        }
        guard let address = try? SocketAddress(ipAddress: self.host, port: Int(port)) else { return nil }
        self.port = Int(port)
        self.address = address
    }
}
