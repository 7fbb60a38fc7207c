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
}
