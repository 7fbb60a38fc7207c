import CallerIdentity
import Glibc
import NIOCore

/// A socket that listens, or, after ``close()``, did.
///
/// What accepted sockets inherit from it (tcp(7), ip(7)) is set on it, once.
final class ListeningSocket: Sendable {
    /// Connections that the kernel accepts on our behalf; it has 4096 unless net.core.somaxconn says otherwise (since Linux 5.4). Whoever
    /// finds the queue full waits for a second, as long as botocore waits in all.
    private static let backlog: CInt = 4096

    let descriptor: CInt
    /// The real address, with the port that was taken for port 0.
    let address: SocketAddress
    /// What every accepted socket's own end is; `nil` where that must be asked: with all addresses of the machine, and of Unix sockets,
    /// which have none.
    let endpoint: Endpoint?
    let isUnix: Bool

    /// Listens on `wanted`, which must be an IP address, or on `passed`, which the service manager has bound to it.
    init(on wanted: SocketAddress, passed: CInt?, hopLimit: Int) throws(SystemCallFailure) {
        let isIPv6 = wanted.protocol == .inet6
        let descriptor = if let passed { passed } else { try Self.socket(isIPv6 ? AF_INET6 : AF_INET) }
        do throws(SystemCallFailure) {
            if passed == nil {
                try Self.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
                // Whatever the machine's bindv6only says.
                if isIPv6 { try Self.set(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
                let status = wanted.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
                try SystemCallFailure.check(status)
            }
            try Self.set(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, 1)
            // An IPv6 socket may have IPv4 connections.
            if isIPv6 { try Self.set(descriptor, CInt(IPPROTO_IPV6), IPV6_UNICAST_HOPS, CInt(hopLimit)) }
            try Self.set(descriptor, CInt(IPPROTO_IP), IP_TTL, CInt(hopLimit))
            try Self.listen(descriptor)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        let endpoint = Self.ownEnd(of: descriptor)
        self.endpoint = endpoint.flatMap { $0.address.isUnspecified ? nil : $0 }
        var address = wanted
        if let endpoint { address.port = Int(endpoint.port) }
        self.address = address
        isUnix = false
    }

    /// Listens on a Unix socket that is bound.
    init(on file: UnixSocketFile) throws(SystemCallFailure) {
        descriptor = file.descriptor
        guard let address = try? SocketAddress(unixDomainSocketPath: file.path) else {
            throw SystemCallFailure(code: ENAMETOOLONG)
        }
        self.address = address
        endpoint = nil
        isUnix = true
        try Self.listen(descriptor)
    }

    /// No more connections are accepted. Those that wait for it are refused, unless the service manager has the socket too.
    func close() {
        Glibc.close(descriptor)
    }

    /// The address and port of a TCP socket's own end; `nil` if it has none.
    static func ownEnd(of descriptor: CInt) -> Endpoint? {
        socketAddress { getsockname(descriptor, $0, $1) }.1
    }

    private static func socket(_ family: CInt) throws(SystemCallFailure) -> CInt {
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(family, type, 0)
        try SystemCallFailure.check(descriptor)
        return descriptor
    }

    /// Also one that listens already, to give it this backlog.
    private static func listen(_ descriptor: CInt) throws(SystemCallFailure) {
        try SystemCallFailure.check(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK))
        try SystemCallFailure.check(Glibc.listen(descriptor, backlog))
    }

    private static func set(
        _ descriptor: CInt, _ level: CInt, _ name: CInt, _ value: CInt
    ) throws(SystemCallFailure) {
        var value = value
        let length = socklen_t(MemoryLayout<CInt>.size)
        try SystemCallFailure.check(setsockopt(descriptor, level, name, &value, length))
    }
}

/// What a system call says that fails.
struct SystemCallFailure: Error {
    /// An errno.
    let code: CInt

    var text: String { String(cString: strerror(code)) }

    static func check(_ status: CInt) throws(SystemCallFailure) {
        guard status >= 0 else { throw SystemCallFailure(code: errno) }
    }
}

/// Has a system call write the address of a socket, and reads it: `nil` unless it is an IP address.
func socketAddress<Result>(
    writtenBy call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
) -> (Result, Endpoint?) {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
    }
    return withUnsafeBytes(of: &address) { bytes in
        (result, Endpoint(socketAddress: UnsafeRawBufferPointer(rebasing: bytes[..<min(Int(length), bytes.count)])))
    }
}
