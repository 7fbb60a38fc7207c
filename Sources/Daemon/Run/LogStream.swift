import Glibc
import Synchronization

/// The log as text, on a descriptor that may be a pipe which nobody empties. A line that can't be written at once is
/// left out and counted, so that no caller waits for whoever reads the log.
///
/// The descriptor isn't made non-blocking, which would hold for every process that shares it. Instead poll(2) is asked
/// first. Where another process fills the same pipe between that and the line, the line waits for room.
final class LogStream: TextOutputStream, Sendable {
    /// For how many milliseconds a line that is written meanwhile may wait for room: none, unless nobody waits for the
    /// writer. Once a line is lost, none waits until one could be written.
    @TaskLocal static var patience: CInt = 0

    /// Bytes. PIPE_BUF of Linux: a pipe that takes something takes so much at once and as a whole (pipe(7)).
    private static let longestLine = 4096

    private let descriptor: CInt
    /// Lines that were left out, and nobody was told of.
    private let lost = Mutex(0)

    /// - Parameter descriptor: stays the caller's.
    init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// Writes a line, with its line feed; what is over 4096 bytes of it is cut.
    func write(_ line: String) {
        // Not while others would have to wait for the lock.
        let patience = Self.patience
        if patience > 0, lost.withLock({ $0 == 0 }) { _ = takesLine(within: patience) }
        lost.withLock { lost in
            if lost > 0, put("stsbrokerd: \(lost) log lines lost\n") { lost = 0 }
            if lost > 0 || !put(line) { lost += 1 }
        }
    }

    /// Has `tell` say elsewhere how many lines were left out, if any were and it wasn't said yet.
    /// - Parameter tell: returns whether it could.
    func tellLost(_ tell: (Int) -> Bool) {
        lost.withLock { lost in
            if lost > 0, tell(lost) { lost = 0 }
        }
    }

    private func put(_ line: String) -> Bool {
        guard takesLine(within: 0) else { return false }
        let bytes = Self.bytes(of: line)
        return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    }

    /// `false` also if nobody has the other end: writing would end the process (SIGPIPE).
    private func takesLine(within milliseconds: CInt) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        var count: CInt
        // A signal that comes to this thread, such as that to reload, is no reason to lose a line.
        repeat { count = poll(&entry, 1, milliseconds) } while count < 0 && errno == EINTR
        return count == 1 && entry.revents == Int16(POLLOUT)
    }

    /// Cut where a character begins.
    private static func bytes(of line: String) -> [UInt8] {
        let bytes = Array(line.utf8)
        guard bytes.count > longestLine else { return bytes }
        var end = longestLine - 1
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return Array(bytes[..<end]) + [UInt8(ascii: "\n")]
    }
}
