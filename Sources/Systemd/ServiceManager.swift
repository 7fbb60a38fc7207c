import Glibc

/// Tells the service manager how the service is (sd_notify(3)): one datagram to `NOTIFY_SOCKET`. Without that variable, or when
/// nobody listens, telling does nothing: a service must run as well without a manager.
package struct ServiceManager: Sendable {
    /// A path, or `@` and a name in the abstract namespace; `nil` without a manager.
    private let socketName: String?
    /// How often ``alive()`` must be told, or the manager restarts the service; `nil` if it doesn't watch.
    package let watchdogInterval: Duration?

    /// - Parameter processID: whom `WATCHDOG_PID` must name, if it is set.
    package init(environment: [String: String], processID: Int32 = getpid()) {
        socketName = environment["NOTIFY_SOCKET"].flatMap { Self.isUsable($0) ? $0 : nil }
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(processID)" } ?? true
        watchdogInterval =
            isMeant
            ? environment["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap { $0 > 0 ? .microseconds($0) : nil } : nil
    }

    /// It serves. `status` is one line for `systemctl status`.
    package func ready(status: String) { send(["READY=1", Self.line(status)]) }

    /// It reads its configuration anew, until the next ``ready(status:)`` (`Type=notify-reload`).
    package func reloading() { send(["RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds)"]) }

    /// It is about to end.
    package func stopping() { send(["STOPPING=1", Self.line("Stopping")]) }

    /// What it does now, in one line.
    package func status(_ text: String) { send([Self.line(text)]) }

    /// It works.
    package func alive() { send(["WATCHDOG=1"]) }

    private static func line(_ status: String) -> String {
        "STATUS=" + String(status.unicodeScalars.map { $0.value < 0x20 ? " " : Character($0) })
    }

    /// Other kinds, such as virtual machines' `vsock:`, are not spoken.
    private static func isUsable(_ name: String) -> Bool {
        (name.hasPrefix("/") || name.hasPrefix("@")) && (2...107).contains(name.utf8.count)
    }

    private static var monotonicMicroseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// A manager that is gone or slow must not hold the service up, so failures are ignored and nothing waits.
    private func send(_ assignments: [String]) {
        guard let socketName else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketName.utf8.prefix($0.count - 1)) }
        // An abstract name begins with a zero byte, and ends where the length says.
        if socketName.hasPrefix("@") { address.sun_path.0 = 0 }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + socketName.utf8.count)
        let bytes = Array(assignments.joined(separator: "\n").utf8)
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
