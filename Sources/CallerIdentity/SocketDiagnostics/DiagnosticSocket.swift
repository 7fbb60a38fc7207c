import Glibc

/// One netlink socket for sock_diag(7).
struct DiagnosticSocket: Sendable {
    private let descriptor: CInt
    private var sequence: UInt32

    /// `nil` if the kernel offers no such socket or forbids it.
    init?() {
        let socketDiagnosis: CInt = 4  // NETLINK_SOCK_DIAG, linux/netlink.h
        let type = CInt(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_NETLINK, type, socketDiagnosis)
        guard descriptor >= 0 else { return nil }
        sequence = UInt32.random(in: .min ... .max)
        // The kernel answers before send(2) returns; should that ever change, who serves must not hang.
        var timeout = timeval(tv_sec: 0, tv_usec: 50_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    func close() {
        _ = Glibc.close(descriptor)
    }

    mutating func record(of connection: TCPConnection) -> DiagnosticAnswer {
        sequence &+= 1
        guard send(connection) else { return .unavailable }
        // Late answers to earlier questions may come first; more than a few mean that something is wrong.
        for _ in 0..<4 {
            switch receive() {
            case .otherRequest: continue
            case .record(let record): return .found(record)
            case .noSuchSocket: return .noSuchSocket
            case .refused: return .unavailable
            case .malformed, nil: return .unreliable
            }
        }
        return .unreliable
    }

    private func send(_ connection: TCPConnection) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: DiagnosticMessage.requestLength, alignment: 8) { bytes in
            DiagnosticMessage.write(requestFor: connection, sequence: sequence, into: bytes)
            return Glibc.send(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count
        }
    }

    /// `nil` if nothing came in time.
    private func receive() -> DiagnosticMessage.Reply? {
        withUnsafeTemporaryAllocation(byteCount: 2048, alignment: 8) { bytes in
            var length: Int
            repeat { length = recvfrom(bytes) } while length < 0 && errno == EINTR
            guard length >= 0 else { return nil }
            return DiagnosticMessage.reply(UnsafeRawBufferPointer(rebasing: bytes[..<length]), to: sequence)
        }
    }

    /// Reads one datagram; one that does not come from the kernel (port id 0, netlink(7)) counts as empty.
    private func recvfrom(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        withUnsafeTemporaryAllocation(byteCount: 12, alignment: 8) { sender in
            sender.initializeMemory(as: UInt8.self, repeating: 0xFF)
            var senderLength = socklen_t(sender.count)
            let address = sender.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            let length = Glibc.recvfrom(descriptor, bytes.baseAddress, bytes.count, 0, address, &senderLength)
            guard length > 0 else { return length }
            return sender.load(fromByteOffset: 4, as: UInt32.self) == 0 ? length : 0
        }
    }
}
