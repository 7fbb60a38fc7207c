import FoundationEssentials
import Glibc

/// Changes a file as a whole or not at all, one process at a time.
enum ReplacedFile {
    /// Reads the file (nothing, if it isn't there), gives the bytes to `change`, and puts what that returns in its place.
    ///
    /// A symbolic link stays, and what it points to is changed. The mode is kept, and is 0600 for a new file; for `isSecret`, nobody
    /// but the owner may read it afterwards. A new folder is 0700.
    static func change(
        _ path: String, isSecret: Bool, _ change: ([UInt8]) throws(ProfileFileFault) -> [UInt8]
    ) throws(ProfileFileFault) {
        let target = try target(of: path)
        let folder = try openFolder(of: target)
        defer { close(folder) }
        // Nobody else changes it between our reading and our writing. File systems without locks do without.
        flock(folder, LOCK_EX)
        let name = String(target.split(separator: "/").last ?? "")
        let (old, mode) = try contents(of: name, in: folder)
        let new = try change(old)
        let wanted = isSecret ? mode & 0o700 | 0o600 : mode
        guard new != old || wanted != mode else { return }
        // Whoever presses Ctrl-C now means the program, not half a file.
        let interruptions = HeldSignals()
        defer { interruptions.release() }
        try write(new, to: name, in: folder, mode: wanted)
    }

    /// Where the links end.
    private static func target(of path: String) throws(ProfileFileFault) -> String {
        if let resolved = realpath(path, nil) {
            defer { free(resolved) }
            return String(cString: resolved)
        }
        var facts = stat()
        guard lstat(path, &facts) != 0 else { throw ProfileFileFault("is a link that leads nowhere") }
        guard path.hasPrefix("/") else { return "\(FileManager.default.currentDirectoryPath)/\(path)" }
        return path
    }

    private static func openFolder(of path: String) throws(ProfileFileFault) -> CInt {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        let folder = end == path.startIndex ? "/" : String(path[..<end])
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw ProfileFileFault("can't be written: \(reason)") }
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ProfileFileFault("can't be written: \(reason)") }
        return descriptor
    }

    private static func contents(of name: String, in folder: CInt) throws(ProfileFileFault) -> ([UInt8], mode_t) {
        let file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            guard errno == ENOENT else { throw ProfileFileFault("can't be read: \(reason)") }
            return ([], 0o600)
        }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw ProfileFileFault("is no regular file")
        }
        guard facts.st_size <= 16 << 20 else { throw ProfileFileFault("is over 16 MiB") }
        var bytes: [UInt8] = []
        while true {
            var part = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(file, &part, part.count)
            guard count >= 0 else { throw ProfileFileFault("can't be read: \(reason)") }
            guard count > 0 else { return (bytes, facts.st_mode & 0o777) }
            bytes += part[..<count]
        }
    }

    private static func write(
        _ bytes: [UInt8], to name: String, in folder: CInt, mode: mode_t
    ) throws(ProfileFileFault) {
        let temporary = ".\(name).stsbroker"
        unlinkat(folder, temporary, 0)
        let file = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw ProfileFileFault("can't be written: \(reason)") }
        // Finds nothing to remove once the file has its name.
        defer { unlinkat(folder, temporary, 0) }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw ProfileFileFault("can't be written: \(reason)") }
            rest = rest.dropFirst(count)
        }
        guard fchmod(file, mode) == 0, fsync(file) == 0, renameat(folder, temporary, folder, name) == 0 else {
            throw ProfileFileFault("can't be written: \(reason)")
        }
        fsync(folder)
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

/// Signals that end a program, ignored for a moment.
struct HeldSignals {
    private let before: [(CInt, sigaction)]

    init() {
        before = [SIGINT, SIGTERM, SIGHUP].map { number in
            var (ignoring, old) = (sigaction(), sigaction())
            ignoring.__sigaction_handler.sa_handler = SIG_IGN
            sigaction(number, &ignoring, &old)
            return (number, old)
        }
    }

    func release() {
        for (number, old) in before {
            var old = old
            sigaction(number, &old, nil)
        }
    }
}
