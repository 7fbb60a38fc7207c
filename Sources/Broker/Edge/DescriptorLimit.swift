import Glibc

/// How many file descriptors the broker may have (getrlimit(2), RLIMIT_NOFILE).
enum DescriptorLimit {
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    /// Each connection is a descriptor, and the soft limit is 1024 on most systems. Up to the hard limit nobody minds.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 1_048_576)
        setrlimit(resource, &limit)
    }

    /// How many connections there may be: half of the descriptors at most, so that the rest is there for the database, for STS
    /// and for mail.
    static var connections: Int {
        var limit = rlimit()
        let descriptors = getrlimit(resource, &limit) == 0 ? UInt64(limit.rlim_cur) : 1024
        return min(4096, Int(clamping: descriptors / 2))
    }
}
