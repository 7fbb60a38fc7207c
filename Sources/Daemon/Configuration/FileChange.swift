import Glibc

/// By what a changed file is known: another file under its name, another length, or another time of change.
struct FileFingerprint: Equatable {
    private let device: UInt
    private let inode: UInt
    private let length: Int
    private let seconds: Int
    private let nanoseconds: Int

    /// Follows links. `nil` if there is no such file.
    init?(path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        device = UInt(facts.st_dev)
        inode = UInt(facts.st_ino)
        length = Int(facts.st_size)
        seconds = facts.st_ctim.tv_sec
        nanoseconds = facts.st_ctim.tv_nsec
    }
}

/// Tells when a file has changed and rests again, so that nobody reads a half-written one.
struct FileChange {
    /// Between two looks.
    static let pause = Duration.seconds(5)

    private var known: FileFingerprint?
    private var last: FileFingerprint?

    init(_ fingerprint: FileFingerprint?) {
        known = fingerprint
        last = fingerprint
    }

    /// Whether the file differs from the one known so far and was the same at the look before. Then it is the known one.
    /// A file that is gone is not a change: it may come back.
    mutating func isComplete(with fingerprint: FileFingerprint?) -> Bool {
        defer { last = fingerprint }
        guard let fingerprint, fingerprint == last, fingerprint != known else { return false }
        known = fingerprint
        return true
    }
}
