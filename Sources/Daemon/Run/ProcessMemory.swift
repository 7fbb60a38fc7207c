import CLinux
import Glibc

/// Keeps what is in the daemon's memory out of files.
enum ProcessMemory {
    /// No core file, and no debugger of the same user, sees credentials.
    static func hide() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        _ = linux_set_undumpable()
    }

    /// Nothing is swapped out, if the process may lock as much as it likes: under a smaller limit, later allocations would fail
    /// (mlockall(2)). Pages are locked when they are first used. Whether memory is locked now.
    static func lock() -> Bool {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit) == 0, limit.rlim_cur == rlim_t.max
        else {
            return false
        }
        return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0
    }

    /// Gives back the memory of the code of this process, most of which only its start has needed: it stays in the page cache, which
    /// all processes share, and what is used again is there again at once. Locked memory stays. Returns the bytes of code that
    /// were given back.
    @discardableResult
    static func releaseCode() -> Int {
        guard let maps = fopen("/proc/self/maps", "re") else { return 0 }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer {
            free(line)
            fclose(maps)
        }
        var released = 0
        while getline(&line, &capacity, maps) > 0, let line {
            guard let code = executableMapping(String(cString: line)),
                madvise(UnsafeMutableRawPointer(bitPattern: code.lowerBound), code.count, CInt(MADV_DONTNEED)) == 0
            else { continue }
            released += code.count
        }
        return released
    }

    /// Where a line of proc_pid_maps(5) says that code of a file is. Such pages are never written to, unlike those that relocation
    /// has changed and that may be read-only too.
    private static func executableMapping(_ line: String) -> Range<UInt>? {
        let fields = line.split(whereSeparator: \.isWhitespace)
        guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return nil }
        let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1] else { return nil }
        return ends[0]..<ends[1]
    }
}
