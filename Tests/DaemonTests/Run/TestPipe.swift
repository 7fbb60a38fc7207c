import Glibc
import Testing

/// A pipe that only the test reads.
final class TestPipe: Sendable {
    private let reader: CInt
    let writer: CInt

    init() throws {
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        reader = ends[0]
        writer = ends[1]
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// Leaves room for nothing.
    func fill() {
        let page = [UInt8](repeating: UInt8(ascii: "."), count: 4096)
        while hasRoom { _ = write(writer, page, page.count) }
    }

    /// All that is in it; nothing, if no byte comes within a minute.
    func text() -> String {
        var entry = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 60_000) == 1 else { return "" }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(reader, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private var hasRoom: Bool {
        var entry = pollfd(fd: writer, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, 0) == 1 && entry.revents == Int16(POLLOUT)
    }
}
