import Glibc

/// Writes entries with fields to the system's journal: one datagram each, in the journal's native protocol
/// (systemd.io, "Native Journal Protocol").
package final class JournalSocket: Sendable {
    /// Where journald listens.
    package static let standardPath = "/run/systemd/journal/socket"
    /// Of one value in an entry that is too large as a whole.
    private static let longestValue = 1024

    private let descriptor: CInt
    private let path: String

    /// `nil` unless `descriptor` is a stream to the journal, as `JOURNAL_STREAM` says (systemd.exec(5)): that variable is handed
    /// on to programs whose standard error goes elsewhere, so its device and inode must be that descriptor's.
    package convenience init?(
        environment: [String: String], descriptor: CInt = STDERR_FILENO, path: String = standardPath
    ) {
        var facts = stat()
        guard let stream = environment["JOURNAL_STREAM"], fstat(descriptor, &facts) == 0,
            stream == "\(facts.st_dev):\(facts.st_ino)"
        else { return nil }
        self.init(path: path)
    }

    /// `nil` if the path is too long for a socket, or there are no descriptors left.
    package init?(path: String) {
        guard (1...107).contains(path.utf8.count) else { return nil }
        let kind = CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Sends one entry. Fields with a name that the journal doesn't take are left out; see ``fieldName(_:)``. If the entry is
    /// larger than a datagram may be, each value is cut to 1 KiB and `STSBROKER_TRUNCATED=yes` says so.
    /// - Returns: whether the journal has it. It has not if it can't be reached, or doesn't keep up: nothing waits here.
    package func send(_ fields: [(name: String, value: String)]) -> Bool {
        let error = send(Self.datagram(fields))
        guard error == EMSGSIZE || error == ENOBUFS else { return error == 0 }
        let cut = fields.map { ($0.name, Self.prefix(of: $0.value)) } + [("STSBROKER_TRUNCATED", "yes")]
        return send(Self.datagram(cut)) == 0
    }

    /// A field's name of `text`: capitals, digits and `_`, beginning with `prefix`, at most 64 bytes. Names that begin with `_`
    /// are the journal's own.
    package static func fieldName(_ text: String, prefix: String) -> String {
        let letters = text.utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 0x20
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "_")
            }
        }
        return String(decoding: (Array(prefix.utf8) + letters).prefix(64), as: UTF8.self)
    }

    /// A value with a line break has its length before it, as 64 bits, little-endian; any other stands behind `=`.
    static func datagram(_ fields: [(name: String, value: String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in fields where isName(name) {
            bytes += name.utf8
            if value.utf8.contains(UInt8(ascii: "\n")) {
                bytes.append(UInt8(ascii: "\n"))
                bytes += withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { Array($0) }
            } else {
                bytes.append(UInt8(ascii: "="))
            }
            bytes += value.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return false }
        return name.utf8.count <= 64 && fieldName(name, prefix: "") == name
    }

    /// Cut where a character begins.
    private static func prefix(of value: String) -> String {
        guard value.utf8.count > longestValue else { return value }
        let bytes = Array(value.utf8)
        var end = longestValue
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    /// 0, or the error's number.
    private func send(_ bytes: [UInt8]) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length) < 0 ? errno : 0
            }
        }
    }
}
