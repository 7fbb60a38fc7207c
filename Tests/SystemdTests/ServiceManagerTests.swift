import Glibc
import Testing

@testable import Systemd

@Suite struct ServiceManagerTests {
    /// A service manager's end of `NOTIFY_SOCKET`.
    private final class Manager {
        let name = "@stsbroker-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        private let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)

        init() {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.utf8) }
            address.sun_path.0 = 0
            let length = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
            _ = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
        }

        deinit { close(descriptor) }

        /// What was told, or "" for nothing.
        func heard() -> String {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        }
    }

    @Test func `each state is one datagram with its assignments, a line each`() {
        let manager = Manager()
        let service = ServiceManager(environment: ["NOTIFY_SOCKET": manager.name])
        service.ready(status: "Serves\nall")
        #expect(manager.heard() == "READY=1\nSTATUS=Serves all")
        service.alive()
        #expect(manager.heard() == "WATCHDOG=1")
        service.stopping()
        #expect(manager.heard() == "STOPPING=1\nSTATUS=Stopping")
        service.status("Waits")
        #expect(manager.heard() == "STATUS=Waits")
    }

    @Test func `reloading carries the monotonic clock's time, as notify-reload wants it`() throws {
        let manager = Manager()
        ServiceManager(environment: ["NOTIFY_SOCKET": manager.name]).reloading()
        let lines = manager.heard().split(separator: "\n")
        #expect(lines.first == "RELOADING=1")
        let told = try #require(lines.last?.split(separator: "=").last.flatMap { Int64($0) })
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        #expect((1...Int64(now.tv_sec + 1) * 1_000_000).contains(told))
    }

    @Test(arguments: [nil, "vsock:2:1234", "/nowhere/at/all", ""])
    func `without a manager that listens, telling does nothing`(name: String?) {
        let manager = Manager()
        let service = ServiceManager(environment: name.map { ["NOTIFY_SOCKET": $0] } ?? [:])
        service.ready(status: "Serves")
        service.alive()
        #expect(manager.heard().isEmpty, "one that is not named hears nothing")
    }

    @Test(arguments: [
        (["WATCHDOG_USEC": "30000000"], Duration.seconds(30)),
        (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"], .seconds(30)),
        (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "41"], nil),
        (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "soon"], nil), ([:], nil),
    ])
    func `the watchdog's interval is what was meant for this process`(
        environment: [String: String], interval: Duration?
    ) {
        #expect(ServiceManager(environment: environment, processID: 42).watchdogInterval == interval)
    }
}
