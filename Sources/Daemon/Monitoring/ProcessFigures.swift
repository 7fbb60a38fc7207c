import Glibc

/// What Prometheus's clients say of their process, under the names that they all use.
enum ProcessFigures {
    /// By the metrics' names; what can't be found out is left out.
    static var now: [String: Double] {
        var figures: [String: Double] = ["process_max_fds": Double(DescriptorLimit.current)]
        figures["process_cpu_seconds_total"] = processorSeconds
        figures["process_open_fds"] = openDescriptors
        if let pages = memoryPages, pages.count >= 2 {
            let pageSize = Double(sysconf(CInt(_SC_PAGESIZE)))
            figures["process_virtual_memory_bytes"] = pages[0] * pageSize
            figures["process_resident_memory_bytes"] = pages[1] * pageSize
        }
        return figures
    }

    private static var processorSeconds: Double? {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
        let times = [usage.ru_utime, usage.ru_stime]
        return times.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }

    /// Without the one that looks.
    private static var openDescriptors: Double? {
        guard let entries = opendir("/proc/self/fd") else { return nil }
        defer { closedir(entries) }
        var count = 0
        while let entry = readdir(entries) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        return Double(count - 1)
    }

    /// All and resident ones (proc(5), statm).
    private static var memoryPages: [Double]? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let length = read(descriptor, &bytes, bytes.count)
        guard length > 0 else { return nil }
        return String(decoding: bytes[..<length], as: UTF8.self).split(separator: " ").compactMap { Double($0) }
    }
}
