import Glibc

/// A file that a configuration names beside itself, such as a certificate or a key.
package enum ConfiguredFile {
    /// Who may know what is in a file.
    package enum Secrecy: Sendable {
        /// Everybody.
        case none
        /// Its owner and its group. A symbolic link will do, as Kubernetes' secrets are; what counts is the file it leads to.
        case group
        /// Its owner alone; the file must be no symbolic link.
        case owner

        /// The permissions that nobody may have (chmod(2)).
        fileprivate var forbidden: mode_t {
            switch self {
            case .none: 0
            case .group: 0o007
            case .owner: 0o077
            }
        }
    }

    /// The whole file. Fails if it can't be read, is longer than `longest` bytes, is no regular file, or if others may
    /// read or write it than should.
    package static func bytes(
        of path: String, secrecy: Secrecy = .none, longest: Int = 1 << 20
    ) throws(InvalidYAML) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (secrecy == .owner ? O_NOFOLLOW : 0))
        guard descriptor >= 0 else { throw invalid(path, reason(errno)) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw invalid(path, "is no regular file")
        }
        guard facts.st_mode & secrecy.forbidden == 0 else {
            let whom =
                secrecy == .owner
                ? "others than its owner; take that away with chmod go=" : "everybody; take that away with chmod o="
            throw invalid(path, "may be read or written by \(whom)")
        }
        return try bytes(of: descriptor, path, longest)
    }

    private static func bytes(of descriptor: CInt, _ path: String, _ longest: Int) throws(InvalidYAML) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 14)
        while bytes.count <= longest {
            let count = read(descriptor, &part, part.count)
            guard count >= 0 else { throw invalid(path, reason(errno)) }
            guard count > 0 else { return bytes }
            bytes += part[..<count]
        }
        throw invalid(path, "is longer than \(longest) bytes")
    }

    private static func reason(_ error: CInt) -> String {
        switch error {
        case ENOENT: "does not exist"
        case EACCES: "can't be read by this user"
        case ELOOP: "is a symbolic link, which this file must not be"
        default: "can't be read: \(String(cString: strerror(error)))"
        }
    }

    private static func invalid(_ path: String, _ problem: String) -> InvalidYAML {
        InvalidYAML(file: path, position: nil, message: problem)
    }
}
