/// An IPv4 or IPv6 address. An IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2) is the IPv4 address, so that it
/// doesn't matter over which kind of socket somebody came.
package struct SourceAddress: Sendable, Hashable, CustomStringConvertible {
    package enum Family: Sendable {
        case ipv4
        case ipv6

        /// Of an address.
        var bits: Int { self == .ipv4 ? 32 : 128 }
    }

    package let family: Family
    /// The address as a number; below 2³² for IPv4.
    let number: UInt128

    /// The upper 96 bits of every IPv4-mapped address, as a number.
    static let mappedPrefix: UInt128 = 0xFFFF

    init(family: Family, number: UInt128) {
        let isMapped = family == .ipv6 && number >> 32 == Self.mappedPrefix
        self.family = isMapped ? .ipv4 : family
        self.number = isMapped ? number & 0xFFFF_FFFF : number
    }

    /// Reads four decimal numbers with dots, or IPv6 text (RFC 4291, section 2.2). `nil` for all else: leading zeros
    /// in IPv4, a zone (`%eth0`), a port, brackets, blanks.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 45 else { return nil }
        if let number = Self.ipv4(Substring(text)) {
            self.init(family: .ipv4, number: UInt128(number))
        } else if let number = Self.ipv6(Substring(text)) {
            self.init(family: .ipv6, number: number)
        } else {
            return nil
        }
    }

    /// Dotted, or all eight groups of IPv6 in hexadecimal.
    package var description: String {
        switch family {
        case .ipv4: stride(from: 24, through: 0, by: -8).map { "\((number >> $0) & 0xFF)" }.joined(separator: ".")
        case .ipv6:
            stride(from: 112, through: 0, by: -16)
                .map { String((number >> $0) & 0xFFFF, radix: 16) }.joined(separator: ":")
        }
    }
}

extension SourceAddress {
    /// What one subscriber has: a single address of IPv4, the first of the /64 around one of IPv6.
    package var network: SourceAddress {
        family == .ipv4 ? self : SourceAddress(family: .ipv6, number: number & ~UInt128(UInt64.max))
    }

    private static func ipv4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let byte = decimal(part, atMost: 255) else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }

    /// Digits alone, without a leading zero.
    static func decimal(_ text: Substring, atMost most: Int) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text == "0" || !text.hasPrefix("0"), let number = Int(text), number <= most
        else { return nil }
        return number
    }

    /// Eight groups, or fewer with one `::` for at least one group of zeros.
    private static func ipv6(_ text: Substring) -> UInt128? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = groups(halves[0], endsAddress: halves.count == 1) else { return nil }
        guard halves.count == 2 else { return head.count == 8 ? number(of: head) : nil }
        guard let tail = groups(halves[1], endsAddress: true), head.count + tail.count <= 7 else { return nil }
        return number(of: head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    /// Groups of one to four hexadecimal digits; the last two may be written as IPv4 at the end of an address.
    private static func groups(_ text: Substring, endsAddress: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if endsAddress, index == parts.count - 1, let last = ipv4(part) {
                groups += [UInt16(last >> 16), UInt16(last & 0xFFFF)]
            } else if (1...4).contains(part.utf8.count), !part.hasPrefix("+"), let group = UInt16(part, radix: 16) {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups
    }

    private static func number(of groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }
}
