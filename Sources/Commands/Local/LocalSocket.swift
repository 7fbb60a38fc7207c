import Glibc

/// The system calls below ``LocalHTTP``.
enum LocalSocket {
    static func connected(to address: LocalAddress, patience: CInt) throws(LocalFailure) -> CInt {
        switch address {
        case .unix(let path): return try unix(path)
        case .ip(let host, let port): return try tcp(host, port, patience)
        }
    }

    private static func unix(_ path: String) throws(LocalFailure) -> CInt {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let isShort = withUnsafeMutableBytes(of: &name.sun_path) { field in
            guard path.utf8.count < field.count else { return false }
            field.copyBytes(from: path.utf8)
            return true
        }
        guard isShort else { throw LocalFailure(reason: "its path is too long") }
        let descriptor = try opened(AF_UNIX)
        let result = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw failure(closing: descriptor) }
        return descriptor
    }

    private static func tcp(_ host: String, _ port: UInt16, _ patience: CInt) throws(LocalFailure) -> CInt {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &found) == 0, let target = found else {
            throw LocalFailure(reason: "\(host) is no address")
        }
        defer { freeaddrinfo(found) }
        let descriptor = try opened(target.pointee.ai_family, Int32(SOCK_NONBLOCK.rawValue))
        if connect(descriptor, target.pointee.ai_addr, target.pointee.ai_addrlen) != 0 {
            guard errno == EINPROGRESS else { throw failure(closing: descriptor) }
            guard wait(descriptor, POLLOUT, patience) else {
                close(descriptor)
                throw LocalFailure(reason: "it doesn't take the connection", number: ETIMEDOUT)
            }
            var problem: CInt = 0
            var size = socklen_t(MemoryLayout<CInt>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size)
            if problem != 0 {
                errno = problem
                throw failure(closing: descriptor)
            }
        }
        return descriptor
    }

    private static func opened(_ family: CInt, _ flags: Int32 = 0) throws(LocalFailure) -> CInt {
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | flags, 0)
        guard descriptor >= 0 else { throw LocalFailure(reason: text(of: errno), number: errno) }
        return descriptor
    }

    static func send(_ bytes: [UInt8], to descriptor: CInt) throws(LocalFailure) {
        // A request fits into the socket's buffer. MSG_NOSIGNAL: no SIGPIPE if it is closed by now.
        let count = Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
        guard count == bytes.count else { throw LocalFailure(reason: text(of: errno), number: errno) }
    }

    /// `nil` at the end.
    static func receive(from descriptor: CInt, patience: CInt) throws(LocalFailure) -> ArraySlice<UInt8>? {
        guard wait(descriptor, POLLIN, patience) else {
            throw LocalFailure(reason: "it doesn't answer", number: ETIMEDOUT)
        }
        var part = [UInt8](repeating: 0, count: 1 << 14)
        let count = recv(descriptor, &part, part.count, 0)
        guard count >= 0 else { throw LocalFailure(reason: text(of: errno), number: errno) }
        return count == 0 ? nil : part[..<count]
    }

    private static func wait(_ descriptor: CInt, _ event: CInt, _ patience: CInt) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        while true {
            let count = poll(&entry, 1, patience)
            if count >= 0 || errno != EINTR { return count > 0 }
        }
    }

    private static func failure(closing descriptor: CInt) -> LocalFailure {
        let number = errno
        close(descriptor)
        return LocalFailure(reason: text(of: number), number: number)
    }

    private static func text(of number: CInt) -> String { String(cString: strerror(number)) }
}
