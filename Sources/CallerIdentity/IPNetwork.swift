/// A range of addresses that begin with the same bits (RFC 4632): `172.17.0.0/16`, `fd00::/8`. A single address is one too.
package struct IPNetwork: Sendable, Hashable, CustomStringConvertible {
    private let address: IPAddress
    /// Of 128 bits, as IPv4 addresses are kept in their IPv4-mapped form.
    private let prefixLength: Int

    /// `nil` for anything but a numeric address with or without a prefix length, and if bits beyond the prefix are set: then
    /// it is unclear what was meant.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        let most = address.ipv4 == nil ? 128 : 32
        var length = most
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(parts[1]), number <= most
            else { return nil }
            length = number
        }
        self.address = address
        prefixLength = 128 - most + length
        guard address.prefix(prefixLength) == address else { return nil }
    }

    package func contains(_ other: IPAddress) -> Bool { other.prefix(prefixLength) == address }

    /// Whether it is all of IPv4 or of IPv6, so no condition at all.
    package var isEverything: Bool { prefixLength == 0 || prefixLength == 96 && address.ipv4 == 0 }

    /// Whether it holds nothing but addresses by which this machine reaches itself.
    package var isLoopback: Bool { address.isLoopback && (address.ipv4 == nil || prefixLength >= 104) }

    package var description: String {
        "\(address)/\(address.ipv4 == nil ? prefixLength : prefixLength - 96)"
    }
}

extension IPAddress {
    /// With all bits behind the first `length` cleared.
    fileprivate func prefix(_ length: Int) -> IPAddress {
        func mask(_ bits: Int) -> UInt64 { bits <= 0 ? 0 : bits >= 64 ? .max : ~(UInt64.max >> UInt64(bits)) }
        return IPAddress(high: high & mask(length), low: low & mask(length - 64))
    }
}
