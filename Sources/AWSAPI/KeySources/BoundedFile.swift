import Glibc

/// Reads small files whole.
package enum BoundedFile {
    /// Why there are no bytes.
    package enum Fault: Error, Equatable {
        case absent
        /// Somebody else owns it, or may read or write it.
        case notPrivate
        /// A link, no regular file, too long, or what the system says.
        case unreadable(String)
    }

    /// The bytes; `nil` if the file can't be read, is no regular file, or is longer.
    static func contents(_ path: String, longest: Int) -> [UInt8]? {
        try? contents(path, longest: longest, flags: 0) { _ in true }
    }

    /// The bytes of a file, and no link, that belongs to this process's user and that nobody else may read or write.
    package static func privateContents(_ path: String, longest: Int) throws(Fault) -> [UInt8] {
        try contents(path, longest: longest, flags: O_NOFOLLOW) { facts in
            facts.st_uid == geteuid() && facts.st_mode & 0o077 == 0
        }
    }

    private static func contents(
        _ path: String, longest: Int, flags: Int32, where isFit: (stat) -> Bool
    ) throws(Fault) -> [UInt8] {
        // Without O_NONBLOCK, opening a pipe would wait for its writer.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags)
        guard file >= 0 else { throw errno == ENOENT ? .absent : .unreadable(lastProblem()) }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0 else { throw .unreadable(lastProblem()) }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw .unreadable("it is no regular file") }
        guard isFit(facts) else { throw .notPrivate }
        var bytes = [UInt8](repeating: 0, count: longest + 1)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                read(file, $0.baseAddress?.advanced(by: length), $0.count - length)
            }
            guard count >= 0 else { throw .unreadable(lastProblem()) }
            if count == 0 { return Array(bytes[..<length]) }
            length += count
        }
        throw .unreadable("it is longer than \(longest) bytes")
    }

    private static func lastProblem() -> String { String(cString: strerror(errno)) }
}
