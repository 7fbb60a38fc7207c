import Glibc

/// The file of a Unix socket: makes room for it, gives it its mode before anybody can connect, removes it in the end.
package struct UnixSocketFile: Sendable {
    /// Bound; listening already only if it was passed in.
    package let descriptor: CInt
    package let path: String
    /// `nil` if the file is the service manager's, which gave it its mode and removes it.
    private let identity: (device: UInt, inode: UInt)?

    /// A socket that the service manager has bound and keeps.
    package init(passed descriptor: CInt, path: String) {
        self.descriptor = descriptor
        self.path = path
        identity = nil
    }

    /// Whether its file is this process's to change.
    package var isOwned: Bool { identity != nil }

    /// - Parameter group: whom to give it to; takes being a member of the group, or root.
    package init(listener: String, path: String, mode: UInt32, group: UInt32? = nil) throws(ListenerError) {
        guard (1...107).contains(path.utf8.count), !path.utf8.contains(0) else {
            throw .invalidAddress(listener: listener, address: path)
        }
        try Self.makeRoom(listener: listener, path: path)
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Self.refusal(listener, path) }
        var status = stat()
        // Nobody can connect before listen(2), so the mode is in force in time. Not by umask(2): that is everybody's.
        let isBound = Self.withAddress(path) { Glibc.bind(descriptor, $0, $1) == 0 }
        let isGiven = isBound && group.map { lchown(path, uid_t.max, $0) == 0 } ?? true
        guard isGiven, chmod(path, mode) == 0, lstat(path, &status) == 0 else {
            let error = Self.refusal(listener, path)
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.path = path
        identity = (UInt(status.st_dev), UInt(status.st_ino))
    }

    /// Removes the file, unless somebody has put another one in its place.
    package func remove() {
        var status = stat()
        guard let identity, lstat(path, &status) == 0, UInt(status.st_dev) == identity.device,
            UInt(status.st_ino) == identity.inode
        else { return }
        unlink(path)
    }

    /// Gives up a socket that nobody listens on yet.
    package func discard() {
        remove()
        close(descriptor)
    }

    /// Removes what a predecessor left behind: a socket, ours, on which nobody listens. Anything else stays.
    private static func makeRoom(listener: String, path: String) throws(ListenerError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw .obstructed(listener: listener, path: path, reason: "is not a socket")
        }
        guard status.st_uid == geteuid() else {
            throw .obstructed(listener: listener, path: path, reason: "belongs to another user")
        }
        guard isAbandoned(path) else { throw .inUse(listener: listener, address: path) }
        unlink(path)
    }

    private static func isAbandoned(_ path: String) -> Bool {
        let probe = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0 else { return false }
        defer { close(probe) }
        return withAddress(path) { connect(probe, $0, $1) != 0 && errno == ECONNREFUSED }
    }

    /// The length of `path` has been checked: 107 bytes and the terminating zero.
    private static func withAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result)
        -> Result
    {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }

    private static func refusal(_ listener: String, _ path: String) -> ListenerError {
        .refused(listener: listener, address: path, reason: String(cString: strerror(errno)))
    }
}
