import Glibc

/// One listening stream socket from the service manager.
package struct PassedSocket: Sendable, Equatable {
    package enum Address: Sendable, Hashable {
        /// The numeric address as inet_ntop(3) writes it, and the port.
        case internet(host: String, port: Int)
        /// The path of a Unix socket's file.
        case file(String)
    }

    package let descriptor: Int32
    /// `FileDescriptorName=` of its unit, by default the unit's name.
    package let name: String
    package let address: Address

    /// Fails unless the descriptor is a stream socket that listens, over IPv4, IPv6 or on a file.
    init(descriptor: Int32, name: String) throws(PassedSocketFault) {
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw PassedSocketFault(descriptor: descriptor, reason: "is not open")
        }
        guard option(SO_TYPE, of: descriptor) == Int32(SOCK_STREAM.rawValue) else {
            throw PassedSocketFault(descriptor: descriptor, reason: "is not a stream socket; use ListenStream=")
        }
        guard option(SO_ACCEPTCONN, of: descriptor) == 1 else {
            throw PassedSocketFault(descriptor: descriptor, reason: "does not listen; use Accept=no")
        }
        guard let address = Address(of: descriptor) else {
            throw PassedSocketFault(
                descriptor: descriptor, reason: "is bound to neither an IP address nor a socket's file")
        }
        self.descriptor = descriptor
        self.name = name
        self.address = address
    }
}

extension PassedSocket.Address: CustomStringConvertible {
    package var description: String {
        switch self {
        case .internet(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .file(let path): path
        }
    }
}

extension PassedSocket.Address {
    /// As getsockname(2) tells; `nil` for other families, and for Unix sockets without a file.
    fileprivate init?(of descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isKnown = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
        }
        guard isKnown else { return nil }
        let named = withUnsafeBytes(of: storage) { Self.address(in: $0, length: Int(length)) }
        guard let named else { return nil }
        self = named
    }

    private static func address(in bytes: UnsafeRawBufferPointer, length: Int) -> Self? {
        switch Int32(bytes.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET:
            let address = bytes.loadUnaligned(as: sockaddr_in.self)
            return .internet(host: text(AF_INET, address.sin_addr), port: Int(UInt16(bigEndian: address.sin_port)))
        case AF_INET6:
            let address = bytes.loadUnaligned(as: sockaddr_in6.self)
            return .internet(host: text(AF_INET6, address.sin6_addr), port: Int(UInt16(bigEndian: address.sin6_port)))
        case AF_UNIX:
            let path = bytes[MemoryLayout<sa_family_t>.size..<max(length, MemoryLayout<sa_family_t>.size)]
            // An abstract name begins with a zero byte, an unnamed socket has none.
            guard let first = path.first, first != 0 else { return nil }
            return .file(String(decoding: path.prefix { $0 != 0 }, as: UTF8.self))
        default: return nil
        }
    }

    private static func text<Address>(_ family: Int32, _ address: Address) -> String {
        withUnsafePointer(to: address) { address in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
                guard let start = buffer.baseAddress,
                    inet_ntop(family, address, start, socklen_t(INET6_ADDRSTRLEN)) != nil
                else { return "" }
                return String(cString: start)
            }
        }
    }
}

private func option(_ name: Int32, of descriptor: Int32) -> Int32? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
}
