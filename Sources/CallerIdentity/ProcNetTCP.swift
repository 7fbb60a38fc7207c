import Glibc

/// The tables /proc/net/tcp and /proc/net/tcp6 (proc(5)): the fallback where netlink cannot be asked. Reading them takes
/// time in proportion to all sockets of the machine.
enum ProcNetTCP {
    /// An IPv4 connection may be listed in either table, since IPv6 sockets carry IPv4 connections too.
    static func owner(of connection: TCPConnection) -> Result<UInt32, UnknownCaller> {
        let tables = tables
        guard !tables.isEmpty else { return .failure(.kernelDidNotAnswer) }
        return tables.lazy.compactMap { record(of: connection, in: $0) }.first?.owner(expecting: connection)
            ?? .failure(.noSuchSocket)
    }

    /// The client's socket of `connection`.
    static func record(of connection: TCPConnection) -> SocketRecord? {
        tables.lazy.compactMap { record(of: connection, in: $0) }.first
    }

    private static var tables: [String] {
        ["/proc/self/net/tcp", "/proc/self/net/tcp6"].compactMap(contents)
    }

    /// The first line of `table` that describes the client's socket of `connection`. Lines that make no sense, such as
    /// the heading, are passed over.
    static func record(of connection: TCPConnection, in table: String) -> SocketRecord? {
        for line in table.utf8.split(separator: UInt8(ascii: "\n")) {
            guard let record = record(line: Substring(line)) else { continue }
            if record.own == connection.client, record.remote == connection.server { return record }
        }
        return nil
    }

    /// `sl local remote state tx:rx tr:when retransmits uid timeout inode …`
    static func record(line: Substring) -> SocketRecord? {
        let fields = line.split(separator: " ", maxSplits: 10)
        guard fields.count >= 10, let own = endpoint(fields[1]), let remote = endpoint(fields[2]),
            fields[3].utf8.count == 2, let state = hexadecimal(fields[3], as: UInt8.self),
            let userID = decimal(fields[7], as: UInt32.self), let inode = decimal(fields[9], as: UInt64.self)
        else { return nil }
        return SocketRecord(own: own, remote: remote, state: state, userID: userID, inode: inode)
    }

    /// `0100007F:1F90`, or four such words before the colon: each word as the CPU reads four bytes in network order.
    private static func endpoint(_ text: Substring) -> Endpoint? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 4, let port = hexadecimal(parts[1], as: UInt16.self) else {
            return nil
        }
        let digits = Array(parts[0].utf8)
        guard digits.count == 8 || digits.count == 32 else { return nil }
        var words: [UInt32] = []
        for start in stride(from: 0, to: digits.count, by: 8) {
            let word = Substring(decoding: digits[start..<start + 8], as: UTF8.self)
            guard let value = hexadecimal(word, as: UInt32.self) else { return nil }
            words.append(UInt32(bigEndian: value))
        }
        guard words.count == 4 else { return Endpoint(address: IPAddress(ipv4: words[0]), port: port) }
        let high = UInt64(words[0]) << 32 | UInt64(words[1])
        let low = UInt64(words[2]) << 32 | UInt64(words[3])
        return Endpoint(address: IPAddress(high: high, low: low), port: port)
    }

    /// Digits only: `Int(_:radix:)` alone would take a sign.
    private static func hexadecimal<Value: FixedWidthInteger>(_ text: Substring, as _: Value.Type) -> Value? {
        text.utf8.allSatisfy(isHexadecimalDigit) ? Value(text, radix: 16) : nil
    }

    private static func decimal<Value: FixedWidthInteger>(_ text: Substring, as _: Value.Type) -> Value? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Value(text) : nil
    }

    private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    private static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        return withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 8) { chunk in
            while true {
                let length = read(descriptor, chunk.baseAddress, chunk.count)
                guard length >= 0 else { return nil }
                guard length > 0 else { return String(decoding: bytes, as: UTF8.self) }
                bytes.append(contentsOf: chunk[..<length])
            }
        }
    }
}
