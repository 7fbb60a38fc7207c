import Glibc

/// A process, held by its directory in /proc. The directory belongs to this one process: once it has ended, reading through it
/// fails, even if its number belongs to another process by then (proc(5), pid_namespaces(7)).
package final class CallerProcess: Sendable {
    package let processID: Int32
    private let directory: CInt

    init(opening processID: Int32) throws(ProcError) {
        let directory = open("/proc/\(processID)", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw ProcError(number: errno) }
        self.processID = processID
        self.directory = directory
    }

    /// `nil` if there is no such process, or it can't be seen.
    package convenience init?(processID: Int32) {
        do throws(ProcError) {
            try self.init(opening: processID)
        } catch {
            return nil
        }
    }

    deinit { close(directory) }

    /// What the process is now; `nil` once it has ended. Asks the file system that the program is on, which may take long.
    package func facts() -> ProcessFacts? { ObservedProcess(self)?.facts() }

    /// What /proc calls the program, and the mount namespace in which that is its name; `nil` once the process has ended. Never
    /// waits for a file system.
    func program() -> Program? {
        guard let name = Self.link(directory, "exe") else {
            // A process that has ended, if only nobody has waited for it yet, has no such link.
            return errno == ENOENT || errno == ESRCH ? nil : Program(name: nil, namespace: nil)
        }
        return Program(name: name, namespace: Self.link(directory, "ns/mnt"))
    }

    struct Program: Sendable, Equatable {
        /// `nil` if it can't be seen.
        let name: [UInt8]?
        let namespace: [UInt8]?
    }

    /// The path of `program`, if that is what the process runs and the same file for us; asks file systems.
    func path(of program: Program) -> String? {
        let path = program.name.flatMap { String(validating: $0, as: UTF8.self) }
        return path.flatMap { isExecutable(at: $0) ? $0 : nil }
    }

    /// The path of its control group now, as ``ProcessFacts/controlGroup``.
    var controlGroup: String? { contents(of: "cgroup").flatMap(ControlGroup.path) }

    /// Whether it has ended, if perhaps nobody has waited for it yet (proc(5), stat). Everybody may read that.
    package var hasEnded: Bool {
        guard let text = contents(of: "stat"), let name = text.lastIndex(of: ")") else { return true }
        let state = text[text.index(after: name)...].first { $0 != " " }
        return state == "Z" || state == "X"
    }

    /// The user as whom it acts, and so connects: the effective one (proc(5), status).
    package func userID() -> UInt32? {
        let line = contents(of: "status")?.split(separator: "\n").first { $0.hasPrefix("Uid:") }
        guard let fields = line?.split(whereSeparator: \.isWhitespace), fields.count == 5 else { return nil }
        return UInt32(fields[2])
    }

    /// Whether one of its descriptors is the socket with that inode. Fails if its descriptors can't be seen.
    func holds(socket inode: UInt64) throws(ProcError) -> Bool {
        let descriptor = openat(directory, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ProcError(number: errno) }
        guard let entries = fdopendir(descriptor) else {
            let failure = ProcError(number: errno)
            close(descriptor)
            throw failure
        }
        defer { closedir(entries) }
        let wanted = Array("socket:[\(inode)]".utf8)
        while let entry = readdir(entries) {
            let isIt = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                guard let name = name.bindMemory(to: CChar.self).baseAddress else { return false }
                return Self.link(descriptor, name).map { $0 == wanted } ?? false
            }
            if isIt { return true }
        }
        return false
    }

    /// The user whom the kernel lets look into the process: its own or, if it protects itself from that, root.
    var owner: UInt32? {
        var facts = stat()
        return fstat(directory, &facts) == 0 ? facts.st_uid : nil
    }

    /// The link's text is what the process' own mount namespace calls the file, and in one of their own, users can call
    /// anything /usr/bin/aws. So the file of that name must be the same for us.
    private func isExecutable(at path: String) -> Bool {
        var (theirs, ours) = (stat(), stat())
        guard fstatat(directory, "exe", &theirs, 0) == 0, stat(path, &ours) == 0 else { return false }
        return theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino
    }

    private static func link(_ directory: CInt, _ name: UnsafePointer<CChar>) -> [UInt8]? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let length = readlinkat(directory, name, start, buffer.count)
            guard length >= 0 else { return nil }
            return buffer[..<length].map { UInt8(bitPattern: $0) }
        }
    }

    /// At most 4 KiB; these files are small.
    private func contents(of name: String) -> String? {
        let descriptor = openat(directory, name, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            let length = read(descriptor, buffer.baseAddress, buffer.count)
            return length > 0 ? String(decoding: buffer[..<length], as: UTF8.self) : nil
        }
    }
}

/// Something in /proc could not be opened or read.
struct ProcError: Error {
    /// An errno.
    let number: CInt
}
