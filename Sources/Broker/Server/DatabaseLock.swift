import Glibc

/// Keeps a second broker off a database, and so off its socket and its audit trail: an flock(2) on a file beside it, held
/// until the process ends, however it ends.
struct DatabaseLock: ~Copyable {
    private let descriptor: CInt

    /// Takes the lock at once, or fails. The file stays: removing it would let two brokers lock two files of one name.
    init(besides database: String) throws(StartFailure) {
        let path = database + ".lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .lock(path: path, problem: String(cString: strerror(errno))) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .inUse(database: database)
        }
    }

    deinit {
        close(descriptor)
    }
}
