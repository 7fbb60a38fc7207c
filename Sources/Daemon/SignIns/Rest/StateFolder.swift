import Glibc

/// The daemon's own directory, which nobody else may look into: mode 0700, and every file in it 0600 and the daemon's.
package struct StateFolder: Sendable {
    enum Reading: Equatable {
        case contents([UInt8])
        case absent
        /// Completes "PATH ".
        case unusable(String)
    }

    /// Far above what a sign-in needs.
    private static let longest = 512 << 10

    package let path: String

    /// Makes the directory where it is missing. Fails if it is a link, somebody else's, or open to others.
    package init(path: String) throws(StateFault) {
        // With a slash at its end, O_NOFOLLOW would follow a link.
        self.path = String(path.reversed().drop { $0 == "/" }.reversed())
        if mkdir(self.path, 0o700) != 0, errno != EEXIST {
            throw StateFault("Can't create \(path): \(String(cString: strerror(errno))).")
        }
        close(try opened())
    }

    private func opened() throws(StateFault) -> CInt {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { throw StateFault("Can't open \(path): \(String(cString: strerror(errno))).") }
        var facts = stat()
        guard fstat(folder, &facts) == 0, facts.st_uid == geteuid(), facts.st_mode & 0o077 == 0 else {
            close(folder)
            throw StateFault("The state directory \(path) must belong to the daemon's user and have mode 0700.")
        }
        return folder
    }

    func read(_ name: String) -> Reading {
        guard let folder = try? opened() else { return .unusable("is in a directory that can't be trusted") }
        defer { close(folder) }
        let file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            return errno == ENOENT ? .absent : .unusable("can't be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_nlink == 1 else {
            return .unusable("is no plain file")
        }
        guard facts.st_uid == geteuid(), facts.st_mode & 0o077 == 0 else {
            return .unusable("must belong to the daemon's user and have mode 0600")
        }
        guard facts.st_size <= Self.longest else { return .unusable("is over \(Self.longest) bytes") }
        var bytes = [UInt8](repeating: 0, count: Self.longest)
        let count = Glibc.read(file, &bytes, bytes.count)
        return count >= 0 ? .contents(Array(bytes[..<count])) : .unusable("can't be read")
    }

    /// As a whole or not at all.
    func write(_ bytes: [UInt8], to name: String) throws(StateFault) {
        let folder = try opened()
        defer { close(folder) }
        let temporary = ".\(name).new"
        unlinkat(folder, temporary, 0)
        let file = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw fault("create", name) }
        // Finds nothing to remove once the file has its name.
        defer { unlinkat(folder, temporary, 0) }
        defer { close(file) }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else { throw fault("write", name) }
        guard renameat(folder, temporary, folder, name) == 0, fsync(folder) == 0 else { throw fault("rename", name) }
    }

    func remove(_ name: String) throws(StateFault) {
        let folder = try opened()
        defer { close(folder) }
        guard unlinkat(folder, name, 0) == 0 || errno == ENOENT else { throw fault("remove", name) }
        fsync(folder)
    }

    /// Keeps it for whoever wants to know what it was, out of the way.
    func setAside(_ name: String) {
        guard let folder = try? opened() else { return }
        defer { close(folder) }
        renameat(folder, name, folder, "\(name).unusable")
    }

    /// What is there, in order.
    var names: [String] {
        guard let folder = try? opened(), let entries = fdopendir(folder) else { return [] }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    private func fault(_ step: String, _ name: String) -> StateFault {
        StateFault("Can't \(step) \(path)/\(name): \(String(cString: strerror(errno))).")
    }
}
