import Glibc
import NIOCore

/// An IPv6 address, or an IPv4 address in its IPv4-mapped form (RFC 4291 §2.5.5.2). So an IPv4 connection compares equal
/// however either end's socket was opened.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// The first and the last eight bytes, as numbers.
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(ipv4 address: UInt32) {
        self.init(high: 0, low: Self.mappedPrefix | UInt64(address))
    }

    /// `nil` if there are not exactly 16 bytes.
    init?(networkOrder bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else { return nil }
        high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// From text such as `10.0.0.1` or `fe80::1`, without a zone; `nil` for anything else.
    package init?(_ text: String) {
        guard !text.contains("%"), let endpoint = Endpoint(try? SocketAddress(ipAddress: text, port: 0)) else {
            return nil
        }
        self = endpoint.address
    }

    /// As RFC 5952 has it; an IPv4 address with dots.
    package var description: String {
        if let ipv4 { return (0..<4).map { "\(ipv4 >> (24 - 8 * $0) & 0xFF)" }.joined(separator: ".") }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            let bytes = (high.bigEndian, low.bigEndian)
            let result = withUnsafeBytes(of: bytes) {
                inet_ntop(AF_INET6, $0.baseAddress, text.baseAddress, socklen_t(text.count))
            }
            return result.map { String(cString: $0) } ?? ""
        }
    }

    /// 0.0.0.0 or ::, with which a listener means every address of the machine.
    package var isUnspecified: Bool { ipv4 == 0 || high == 0 && low == 0 }

    /// The IPv4 address, if it is one.
    var ipv4: UInt32? {
        high == 0 && low & ~0xFFFF_FFFF == Self.mappedPrefix ? UInt32(truncatingIfNeeded: low) : nil
    }

    /// 127.0.0.0/8 or ::1.
    package var isLoopback: Bool {
        if let ipv4 { ipv4 >> 24 == 127 } else { high == 0 && low == 1 }
    }

    private static let mappedPrefix: UInt64 = 0xFFFF_0000_0000
}

/// One end of a TCP connection.
package struct Endpoint: Sendable, Hashable {
    package let address: IPAddress
    package let port: UInt16

    init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// `nil` for anything but an IP address.
    init?(_ address: SocketAddress?) {
        guard let address else { return nil }
        let endpoint = address.withSockAddr { pointer, length in
            Endpoint(socketAddress: UnsafeRawBufferPointer(start: pointer, count: length))
        }
        guard let endpoint else { return nil }
        self = endpoint
    }

    /// From a `sockaddr_in` (ip(7)) or `sockaddr_in6` (ipv6(7)): family, port, then the address at byte 4 or 8.
    package init?(socketAddress bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 16 else { return nil }
        port = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        switch (bytes.loadUnaligned(as: UInt16.self), bytes.count) {
        case (2, _):
            address = IPAddress(ipv4: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        case (10, 24...):
            guard let ip = IPAddress(networkOrder: UnsafeRawBufferPointer(rebasing: bytes[8..<24])) else { return nil }
            address = ip
        default:
            return nil
        }
    }
}
