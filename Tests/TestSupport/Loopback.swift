import Glibc
import NIOCore

/// What this machine has of loopback addresses.
package enum Loopback {
    /// Whether ::1 can be had.
    package static let hasIPv6: Bool = {
        let descriptor = socket(AF_INET6, CInt(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0, let address = try? SocketAddress(ipAddress: "::1", port: 0) else { return false }
        defer { close(descriptor) }
        return address.withSockAddr { bind(descriptor, $0, socklen_t($1)) } == 0
    }()
}
