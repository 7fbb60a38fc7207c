/// A client that the provider knows: public, so without a secret (RFC 6749 section 2.1).
package struct RegisteredClient: Sendable {
    package var id: String
    package var redirectURIs: [String]

    package init(id: String, redirectURIs: [String]) {
        self.id = id
        self.redirectURIs = redirectURIs
    }

    /// The command line of the product, which listens on a port of its own choice for the answer.
    package static let stsbroker = RegisteredClient(
        id: "stsbroker", redirectURIs: ["http://127.0.0.1/callback", "http://[::1]/callback", "http://127.0.0.1/"])

    /// The broker's pages, which are behind a port of the sandbox's own choice.
    package static let pages = RegisteredClient(
        id: "stsbroker-pages", redirectURIs: ["http://127.0.0.1/sign-in/callback"])

    /// Whether an address may get the code. A loopback IP address matches with any port (RFC 8252 section 7.3); all else
    /// must be equal to a registered address.
    package func allows(redirectURI address: String) -> Bool {
        guard !address.contains("#"), address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
        if redirectURIs.contains(address) { return true }
        guard let given = LoopbackAddress(address) else { return false }
        return redirectURIs.contains { LoopbackAddress($0)?.withoutPort == given.withoutPort }
    }
}

/// `http://127.0.0.1[:port]/path` or `http://[::1][:port]/path`.
private struct LoopbackAddress {
    var withoutPort: String

    init?(_ address: String) {
        for host in ["http://127.0.0.1", "http://[::1]"] where address.hasPrefix(host) {
            var rest = address.dropFirst(host.count)
            if rest.hasPrefix(":") {
                let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
                guard let port = UInt16(digits), port > 0 else { return nil }
                rest = rest.dropFirst(1 + digits.count)
            }
            guard rest.isEmpty || rest.hasPrefix("/") || rest.hasPrefix("?") else { return nil }
            withoutPort = host + rest
            return
        }
        return nil
    }
}
