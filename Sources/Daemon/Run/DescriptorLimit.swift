import Glibc

/// How many file descriptors the daemon may have (getrlimit(2), RLIMIT_NOFILE).
enum DescriptorLimit {
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    /// The soft limit, which is the one that counts; 1024, as on most systems, where it can't be found out.
    static var current: UInt64 {
        var limit = rlimit()
        return getrlimit(resource, &limit) == 0 ? UInt64(limit.rlim_cur) : 1024
    }

    /// Each connection is a descriptor, and the soft limit is 1024 on most systems. Up to the hard limit nobody minds.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 1_048_576)
        setrlimit(resource, &limit)
    }
}
