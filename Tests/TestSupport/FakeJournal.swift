import Glibc

/// journald's end of its socket.
package final class FakeJournal {
    package let path = "/tmp/stsbroker-journal-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    private let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)

    package init() {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// The next entry's fields, read as the protocol has it; `nil` if there is none.
    package func entry() -> [String: String]? {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        var rest = bytes[..<count]
        var fields: [String: String] = [:]
        while let end = rest.firstIndex(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "\n") }) {
            let name = String(decoding: rest[..<end], as: UTF8.self)
            var valueEnd = rest[end...].dropFirst().firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            var start = end + 1
            if rest[end] == UInt8(ascii: "\n") {
                let length = rest[start..<start + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
                start += 8
                valueEnd = start + length
            }
            fields[name] = String(decoding: rest[start..<valueEnd], as: UTF8.self)
            rest = rest[valueEnd...].dropFirst()
        }
        return fields
    }
}
