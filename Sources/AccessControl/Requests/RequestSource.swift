/// Where a request to the broker came from, as far as the broker can vouch for it.
package struct RequestSource: Codable, Sendable, Equatable {
    /// The client's address, proxies that the broker trusts taken off; `nil` on a Unix socket, or where a trusted proxy
    /// wrote nothing, something else than addresses, or two things that disagree.
    package let address: SourceAddress?
    /// The identity in the client certificate that was verified in the TLS handshake; `nil` without one.
    package let clientCertificate: String?

    package init(address: SourceAddress? = nil, clientCertificate: String? = nil) {
        self.address = address
        self.clientCertificate = clientCertificate
    }

    /// Itself; `nil` if nothing is known.
    var known: RequestSource? { address == nil && clientCertificate == nil ? nil : self }
}

extension SourceAddress: Codable {
    /// Reads what ``encode(to:)`` wrote.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let address = SourceAddress(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is no IPv4 or IPv6 address")
        }
        self = address
    }

    /// As its description.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
