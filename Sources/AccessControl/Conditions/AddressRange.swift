/// A CIDR range of addresses of one family, or a single address.
///
/// A range of IPv6 that is larger than all IPv4-mapped addresses (`::/0`) has none of IPv4: who means those writes
/// `0.0.0.0/0`.
package struct AddressRange: Sendable, Hashable {
    private let first: SourceAddress
    /// Bits of an address that must agree.
    private let length: Int

    /// Fails for what is no CIDR range, and for one with bits set behind its prefix, which was hardly meant.
    package init(_ text: String) throws(UnreadableScalar) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let head = parts.first, let address = SourceAddress(head) else {
            throw UnreadableScalar("must be an IPv4 or IPv6 range as 10.0.0.0/8, or an address")
        }
        guard parts.count == 2 else {
            (first, length) = (address, address.family.bits)
            return
        }
        // A range within the IPv4-mapped addresses is one of IPv4; its prefix still counts from the front of IPv6.
        let writtenBits = head.contains(":") ? 128 : 32
        let unmapped = writtenBits - address.family.bits
        guard let written = SourceAddress.decimal(parts[1], atMost: writtenBits) else {
            throw UnreadableScalar("must have a prefix length of 0 to \(writtenBits) behind the slash")
        }
        length = written - unmapped
        guard length >= 0 else {
            throw UnreadableScalar("is wider than the IPv4-mapped addresses: write a range of IPv4")
        }
        first = SourceAddress(family: address.family, number: address.number & ~Self.hostBits(length, address.family))
        guard first == address else {
            throw UnreadableScalar("has host bits: write \(first)/\(length)")
        }
    }

    package func contains(_ address: SourceAddress) -> Bool {
        address.family == first.family
            && (address.number ^ first.number) & ~Self.hostBits(length, first.family) == 0
    }

    /// The bits behind a prefix. Shifts by a whole width give zero.
    private static func hostBits(_ length: Int, _ family: SourceAddress.Family) -> UInt128 {
        let all: UInt128 = family == .ipv4 ? 0xFFFF_FFFF : .max
        return all >> UInt128(length)
    }
}
