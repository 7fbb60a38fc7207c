import FoundationEssentials
import Glibc

/// The directory that holds everything a running sandbox writes: mode 0700, its files 0600, and a lock while it is in use.
package final class StateDirectory: Sendable {
    /// Absolute, without symbolic links.
    package let path: String
    private let lock: Int32

    /// `sockaddr_un.sun_path` has 108 bytes with the terminating zero (unix(7)).
    private static let longestSocketPath = 107
    private static let sockets = ["idp.sock", "sts.sock", "broker.sock", "control.sock", "containers.sock"]

    /// Makes the directory if need be, locks it and clears away what an earlier run left, also a killed one.
    package init(_ directory: String) throws(SandboxError) {
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw .stateDirectory(path: directory, problem: Self.lastProblem())
        }
        try Self.refuseOthers(directory)
        let handle = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard handle >= 0 else { throw .stateDirectory(path: directory, problem: Self.lastProblem()) }
        defer { close(handle) }
        var facts = stat()
        guard fstat(handle, &facts) == 0, facts.st_uid == geteuid() else {
            throw .stateDirectory(path: directory, problem: "it belongs to another user")
        }
        guard fchmod(handle, 0o700) == 0, let resolved = realpath(directory, nil) else {
            throw .stateDirectory(path: directory, problem: Self.lastProblem())
        }
        defer { free(resolved) }
        path = String(cString: resolved)
        for socket in Self.sockets where "\(path)/\(socket)".utf8.count > Self.longestSocketPath {
            throw .pathTooLong(path: "\(path)/\(socket)")
        }
        lock = open("\(path)/lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .stateDirectory(path: directory, problem: Self.lastProblem()) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw .alreadyRunning(stateDirectory: directory)
        }
        removeLeftovers()
    }

    deinit {
        close(lock)
    }

    /// What is cleared away must be ours: a directory is taken only if it is empty or has been one of ours before.
    private static func refuseOthers(_ directory: String) throws(SandboxError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        guard names.isEmpty || names.contains("lock") else {
            throw .stateDirectory(path: directory, problem: "it has files that no sandbox wrote; name another")
        }
    }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a whole file, readable by its owner only; readers see the old or the new one, never half of it.
    package func write(_ text: String, to name: String) throws(SandboxError) {
        let target = file(name)
        let draft = target + ".new"
        unlink(draft)
        let handle = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard handle >= 0 else { throw .file(path: target, problem: Self.lastProblem()) }
        defer { close(handle) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(handle, $0.baseAddress, $0.count) }
            guard count > 0 else { throw .file(path: target, problem: Self.lastProblem()) }
            rest = rest.dropFirst(count)
        }
        guard rename(draft, target) == 0 else { throw .file(path: target, problem: Self.lastProblem()) }
    }

    package func remove(_ name: String) {
        unlink(file(name))
    }

    /// The last lines of a file, for error messages.
    package func lastLines(of name: String, count: Int = 15) -> String {
        guard let data = try? Data(contentsOf: URL(filePath: file(name))) else { return "(no log)" }
        let lines = String(decoding: data.suffix(16384), as: UTF8.self).split(separator: "\n")
        return lines.isEmpty ? "(the log is empty)" : lines.suffix(count).map { "  \($0)" }.joined(separator: "\n")
    }

    /// Every start is a fresh one: keys, ports and the provider's address are new, so nothing old is of use.
    private func removeLeftovers() {
        let names = ["sandbox.json", "env", "env.imds", "broker.log", "daemon.log"]
        let database = ["", "-wal", "-shm", "-journal", ".signing-keys"].map { "broker.sqlite\($0)" }
        for name in names + database + Self.sockets { remove(name) }
        try? FileManager.default.removeItem(atPath: file("tokens"))
    }

    private static func lastProblem() -> String {
        String(cString: strerror(errno))
    }
}
