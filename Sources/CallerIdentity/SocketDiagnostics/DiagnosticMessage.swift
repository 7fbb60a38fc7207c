/// The netlink messages of sock_diag(7) for one TCP socket: `struct nlmsghdr`, then `struct inet_diag_req_v2` on the way
/// out and `struct inet_diag_msg` on the way back. Native byte order, except addresses and ports.
enum DiagnosticMessage {
    /// 16 bytes of header and 56 of request.
    static let requestLength = 72
    /// 16 bytes of header and 72 of description; attributes that nobody asked for may follow.
    static let minimumReplyLength = 88

    /// Asks for the one socket whose own end is `connection.client`: an exact look-up, not a dump.
    static func write(requestFor connection: TCPConnection, sequence: UInt32, into bytes: UnsafeMutableRawBufferPointer)
    {
        guard bytes.count >= requestLength else { return }
        let family: UInt8 = connection.client.address.ipv4 == nil ? inet6 : inet
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        bytes.storeBytes(of: UInt32(requestLength), toByteOffset: 0, as: UInt32.self)
        bytes.storeBytes(of: sockDiagByFamily, toByteOffset: 4, as: UInt16.self)
        bytes.storeBytes(of: requestFlag, toByteOffset: 6, as: UInt16.self)
        bytes.storeBytes(of: sequence, toByteOffset: 8, as: UInt32.self)
        bytes.storeBytes(of: family, toByteOffset: 16, as: UInt8.self)
        bytes.storeBytes(of: tcp, toByteOffset: 17, as: UInt8.self)
        bytes.storeBytes(of: .max, toByteOffset: 20, as: UInt32.self)
        bytes.storeBytes(of: connection.client.port.bigEndian, toByteOffset: 24, as: UInt16.self)
        bytes.storeBytes(of: connection.server.port.bigEndian, toByteOffset: 26, as: UInt16.self)
        store(connection.client.address, at: 28, into: bytes)
        store(connection.server.address, at: 44, into: bytes)
        // INET_DIAG_NOCOOKIE: any socket with these ends.
        bytes.storeBytes(of: .max, toByteOffset: 64, as: UInt64.self)
    }

    /// What a datagram from the kernel says in reply to the request with `sequence`.
    static func reply(_ bytes: UnsafeRawBufferPointer, to sequence: UInt32) -> Reply {
        guard let length: UInt32 = load(bytes, 0), let type: UInt16 = load(bytes, 4),
            let replySequence: UInt32 = load(bytes, 8), length >= 16, length <= bytes.count
        else { return .malformed }
        guard replySequence == sequence else { return .otherRequest }
        let message = UnsafeRawBufferPointer(rebasing: bytes[..<Int(length)])
        switch type {
        case netlinkError: return error(message)
        case sockDiagByFamily: return record(message).map(Reply.record) ?? .malformed
        default: return .malformed
        }
    }

    enum Reply: Equatable {
        case record(SocketRecord)
        /// ENOENT.
        case noSuchSocket
        /// Another errno: this kernel, or its policy, does not do what was asked.
        case refused(Int32)
        /// The late answer to an earlier request.
        case otherRequest
        case malformed
    }

    private static func error(_ message: UnsafeRawBufferPointer) -> Reply {
        guard let code: Int32 = load(message, 16), code < 0, code != .min else { return .malformed }
        return code == -noEntry ? .noSuchSocket : .refused(-code)
    }

    private static func record(_ message: UnsafeRawBufferPointer) -> SocketRecord? {
        guard message.count >= minimumReplyLength, let family: UInt8 = load(message, 16),
            let state: UInt8 = load(message, 17), let ownPort: UInt16 = load(message, 20),
            let remotePort: UInt16 = load(message, 22), let own = address(message, at: 24, family: family),
            let remote = address(message, at: 40, family: family), let userID: UInt32 = load(message, 80),
            let inode: UInt32 = load(message, 84)
        else { return nil }
        return SocketRecord(
            own: Endpoint(address: own, port: UInt16(bigEndian: ownPort)),
            remote: Endpoint(address: remote, port: UInt16(bigEndian: remotePort)),
            state: state, userID: userID, inode: UInt64(inode))
    }

    /// An IPv4 connection of an IPv6 socket comes as IPv6 with a mapped address, which ``IPAddress`` makes equal.
    private static func address(_ message: UnsafeRawBufferPointer, at offset: Int, family: UInt8) -> IPAddress? {
        switch family {
        case inet: (load(message, offset) as UInt32?).map { IPAddress(ipv4: UInt32(bigEndian: $0)) }
        case inet6: IPAddress(networkOrder: UnsafeRawBufferPointer(rebasing: message[offset..<offset + 16]))
        default: nil
        }
    }

    private static func store(_ address: IPAddress, at offset: Int, into bytes: UnsafeMutableRawBufferPointer) {
        if let ipv4 = address.ipv4 {
            bytes.storeBytes(of: ipv4.bigEndian, toByteOffset: offset, as: UInt32.self)
        } else {
            bytes.storeBytes(of: address.high.bigEndian, toByteOffset: offset, as: UInt64.self)
            bytes.storeBytes(of: address.low.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
        }
    }

    private static func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int
    ) -> Value? {
        guard offset + MemoryLayout<Value>.size <= bytes.count else { return nil }
        return bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
    }

    // linux/netlink.h, linux/sock_diag.h, linux/socket.h, linux/in.h, asm-generic/errno-base.h
    private static let netlinkError: UInt16 = 2
    private static let requestFlag: UInt16 = 1
    private static let sockDiagByFamily: UInt16 = 20
    private static let inet: UInt8 = 2
    private static let inet6: UInt8 = 10
    private static let tcp: UInt8 = 6
    private static let noEntry: Int32 = 2
}
