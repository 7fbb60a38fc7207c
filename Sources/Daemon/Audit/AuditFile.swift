import Glibc

/// An open file to which whole lines are appended. The daemon's own, and nobody else's to write.
final class AuditFile: Sendable {
    private let descriptor: CInt

    /// Opens it, or creates it with `mode`, whatever umask(2) is. Never follows a link at the end of the path.
    init(path: String, mode: UInt32) throws(AuditFileFault) {
        var isNew = true
        // With O_NONBLOCK a pipe in its place is an error, and nothing waits for a reader.
        let flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        var descriptor = open(path, flags | O_CREAT | O_EXCL, mode)
        if descriptor < 0, errno == EEXIST {
            isNew = false
            descriptor = open(path, flags)
        }
        guard descriptor >= 0 else { throw AuditFileFault(path, String(cString: strerror(errno))) }
        if let fault = Self.fault(of: descriptor, newWith: isNew ? mode : nil) {
            close(descriptor)
            throw AuditFileFault(path, fault)
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Whether all of it is in the file. A line of which only a part fits is ended, so that the next one is whole.
    func append(_ line: String) -> Bool {
        let bytes = Array(line.utf8)
        let written = write(descriptor, bytes, bytes.count)
        if written > 0, written < bytes.count { _ = write(descriptor, "\n", 1) }
        return written == bytes.count
    }

    private static func fault(of descriptor: CInt, newWith mode: UInt32?) -> String? {
        if let mode, fchmod(descriptor, mode) != 0 { return String(cString: strerror(errno)) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return String(cString: strerror(errno)) }
        guard facts.st_mode & S_IFMT == S_IFREG else { return "it is not a regular file" }
        guard facts.st_uid == geteuid() else { return "it belongs to another user" }
        guard facts.st_mode & 0o027 == 0 else { return "its group may write it, or others may read it; use mode 0640" }
        return nil
    }
}

/// Why an audit file can't be used.
struct AuditFileFault: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ path: String, _ reason: String) {
        description = "audit.file: can't write to \(path): \(reason)"
    }
}
