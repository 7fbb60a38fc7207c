import CallerIdentity
import Foundation
import Glibc
import NIOCore
import Testing

@testable import MetadataServer

/// A blocking client that gives up after a minute.
final class SocketClient {
    private var descriptor: CInt

    init(_ address: SocketAddress) throws {
        descriptor = socket(
            address.ipAddress == nil ? AF_UNIX : AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let status = address.withSockAddr { connect(descriptor, $0, socklen_t($1)) }
        try #require(status == 0, "connect: errno \(errno)")
    }

    deinit { close() }

    /// Whether a connection to that address can be made.
    static func isAccepted(at address: SocketAddress) -> Bool {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { Glibc.close(descriptor) }
        return address.withSockAddr { connect(descriptor, $0, socklen_t($1)) } == 0
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count)
    }

    /// Sends what the kernel takes at once.
    func sendUntilFull(_ bytes: inout ArraySlice<UInt8>) {
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
            }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// What is there, or the first that comes.
    func readSome() -> String {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        return String(decoding: chunk.prefix(max(0, count)), as: UTF8.self)
    }

    /// The descriptor of the accepted socket, which this process must have too.
    var otherEnd: CInt? {
        let own = end(of: descriptor, getsockname)
        return Self.openDescriptors.first { $0 != descriptor && end(of: $0, getpeername) == own }
    }

    /// Of this process, with all that other tests have.
    private static var openDescriptors: [CInt] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return (names ?? []).compactMap { CInt($0) }
    }

    private func end(
        of descriptor: CInt, _ ask: (CInt, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
    ) -> Endpoint? {
        socketAddress { ask(descriptor, $0, $1) }.1
    }

    /// No more is sent; answers may still come.
    func shutDownSending() {
        shutdown(descriptor, CInt(SHUT_WR))
    }

    /// How many bytes have come that nobody has read.
    static func unread(by descriptor: CInt) -> Int {
        var count: CInt = 0
        _ = ioctl(descriptor, UInt(FIONREAD), &count)
        return Int(count)
    }

    static func option(_ level: CInt, _ name: CInt, of descriptor: CInt) -> CInt {
        var value: CInt = -1
        var length = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(descriptor, level, name, &value, &length)
        return value
    }

    /// As a service manager would pass it.
    static func listeningSocket() throws -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let status = try SocketAddress(ipAddress: "127.0.0.1", port: 0).withSockAddr {
            bind(descriptor, $0, socklen_t($1))
        }
        try #require(status == 0 && listen(descriptor, 16) == 0)
        return descriptor
    }

    /// Whether any epoll(7) of this process watches that socket, by whatever descriptor.
    static func isWatched(_ descriptor: CInt) -> Bool {
        var facts = stat()
        fstat(descriptor, &facts)
        let inode = " ino:\(String(facts.st_ino, radix: 16)) "
        return openDescriptors.contains { candidate in
            guard let data = FileManager.default.contents(atPath: "/proc/self/fdinfo/\(candidate)") else {
                return false
            }
            return String(decoding: data, as: UTF8.self).contains(inode)
        }
    }

    func readToEnd() -> String { read(until: nil) }

    func read(until end: String?) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
            if let end, String(decoding: bytes, as: UTF8.self).hasSuffix(end) {
                return String(decoding: bytes, as: UTF8.self)
            }
        }
    }

    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }
}
