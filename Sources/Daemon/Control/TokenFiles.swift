package import Credentials
import Glibc
package import MetadataServer
import Synchronization

/// Writes each user's authorization token for the container endpoint where only that user can read it: a file named
/// after the uid, mode 0600, without a newline (botocore refuses one).
package final class TokenFiles: Sendable {
    private let directory: String
    private let tokens: ContainerTokens
    private let written = Mutex<Set<UInt32>>([])
    /// The files of scoped tokens, by the tokens' ids.
    private let scoped = Mutex<[String: String]>([:])

    package init(directory: String, tokens: ContainerTokens) {
        // With a slash at its end, O_NOFOLLOW would follow a link.
        self.directory = String(directory.reversed().drop { $0 == "/" }.reversed())
        self.tokens = tokens
    }

    package func path(forUser userID: UInt32) -> String { "\(directory)/\(userID)" }

    /// Creates the directory (0711, so that each user reaches the own file) and a file for each of `users`. Files of
    /// other users than the daemon's own are given to them, or, without the right to give files away, made readable for them by an
    /// access control list.
    package func write(forUsers users: some Sequence<UInt32>) throws(TokenFileFault) {
        let folder = try openFolder()
        defer { close(folder) }
        for user in Set(users) {
            try write(tokens.token(forUser: user), to: "\(user)", forUser: user, in: folder)
            written.withLock { _ = $0.insert(user) }
        }
    }

    private func openFolder() throws(TokenFileFault) -> CInt {
        let isNew = mkdir(directory, 0o711) == 0
        guard isNew || errno == EEXIST else { throw TokenFileFault("create", directory) }
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { throw TokenFileFault("open", directory) }
        do throws(TokenFileFault) {
            try refuseForeign(folder)
            // umask(2) may have taken the others' way in.
            guard !isNew || fchmod(folder, 0o711) == 0 else { throw TokenFileFault("set the mode of", directory) }
        } catch {
            close(folder)
            throw error
        }
        return folder
    }

    /// Writes the file of `user` unless it is there.
    package func ensure(forUser user: UInt32) throws(TokenFileFault) {
        if written.withLock({ $0.contains(user) }), access(path(forUser: user), F_OK) == 0 { return }
        try write(forUsers: [user])
    }

    /// Writes every file anew, with the token that is valid now.
    package func rewrite() throws(TokenFileFault) {
        try write(forUsers: written.withLock { $0 })
    }

    /// Removes what ``write(forUsers:)`` wrote.
    package func remove(forUsers users: some Sequence<UInt32>) {
        for user in Set(users) {
            unlink(path(forUser: user))
            written.withLock { _ = $0.remove(user) }
        }
    }

    package func removeAll() {
        remove(forUsers: written.withLock { $0 })
        removeScoped { _ in true }
    }

    /// Writes a file with a scoped token, which only `user` can read, and returns its path. What an earlier daemon left has a name
    /// of its own, and a token that is good for nothing.
    package func writeScoped(_ token: Secret, id: String, forUser user: UInt32) throws(TokenFileFault) -> String {
        let name = "\(user).\(id)"
        let folder = try openFolder()
        defer { close(folder) }
        try write(token, to: name, forUser: user, in: folder)
        scoped.withLock { $0[id] = "\(directory)/\(name)" }
        return "\(directory)/\(name)"
    }

    /// Removes the files of those scoped tokens that have ended.
    package func removeScoped(_ hasEnded: (String) -> Bool) {
        let ended = scoped.withLock { scoped in
            let ended = scoped.filter { hasEnded($0.key) }
            for id in ended.keys { scoped[id] = nil }
            return ended
        }
        for path in ended.values { unlink(path) }
    }

    /// In a directory that others may write to, they could put files in the place of ours.
    private func refuseForeign(_ folder: Int32) throws(TokenFileFault) {
        var facts = stat()
        guard fstat(folder, &facts) == 0 else { throw TokenFileFault("examine", directory) }
        guard facts.st_uid == geteuid(), facts.st_mode & 0o022 == 0 else {
            throw TokenFileFault(
                message:
                    "The token directory \(directory) must belong to the daemon's user and be writable by nobody else.")
        }
    }

    /// Under a temporary name first, so that a reader sees the old token or the new one, never half of one.
    private func write(
        _ token: Secret, to name: String, forUser user: UInt32, in folder: CInt
    ) throws(TokenFileFault) {
        let temporary = ".\(name).new"
        unlinkat(folder, temporary, 0)
        let file = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw TokenFileFault("create", "\(directory)/\(name)") }
        // Finds nothing to remove once the file has its name.
        defer { unlinkat(folder, temporary, 0) }
        defer { close(file) }
        let written = token.withBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard written == token.count else { throw TokenFileFault("write", "\(directory)/\(name)") }
        if user != geteuid(), fchown(file, user, gid_t.max) != 0, !AccessList.letRead(file, user: user) {
            throw TokenFileFault("give the user their file", "\(directory)/\(name)")
        }
        guard renameat(folder, temporary, folder, name) == 0 else {
            throw TokenFileFault("rename", "\(directory)/\(name)")
        }
    }
}

/// Why a token file can't be had.
package struct TokenFileFault: Error, Equatable, CustomStringConvertible {
    package let description: String

    /// A step that failed with `errno`.
    init(_ step: String, _ path: String) {
        description = "Can't \(step) \(path): \(String(cString: strerror(errno)))."
    }

    init(message: String) {
        description = message
    }
}
