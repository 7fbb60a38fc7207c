import Glibc
import Testing

@testable import Systemd

@Suite struct PassedSocketsTests {
    /// A listening socket as a service manager would pass it.
    private func listening(_ family: Int32, _ type: Int32 = Int32(SOCK_STREAM.rawValue), listens: Bool = true) -> Int32
    {
        let descriptor = socket(family, type, 0)
        if family == AF_INET {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            bindAny(descriptor, &address)
        } else {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_addr = in6addr_loopback
            bindAny(descriptor, &address)
        }
        if listens { listen(descriptor, 5) }
        return descriptor
    }

    private func bindAny<Address>(_ descriptor: Int32, _ address: inout Address) {
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    @Test(arguments: [(AF_INET, "127.0.0.1"), (AF_INET6, "::1")])
    func `a socket is found once, by the address it is bound to, and is not inherited`(
        family: Int32, host: String
    ) throws {
        let descriptor = listening(family)
        defer { close(descriptor) }
        let socket = try PassedSocket(descriptor: descriptor, name: "imds")
        guard case .internet(host, let port) = socket.address else {
            Issue.record("\(socket.address)")
            return
        }
        let passed = PassedSockets([socket])
        #expect(passed.take(.internet(host: host, port: port + 1)) == nil)
        #expect(passed.left == [socket])
        #expect(passed.take(.internet(host: host, port: port)) == socket)
        #expect(passed.take(.internet(host: host, port: port)) == nil)
        #expect(passed.left.isEmpty)
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func `a socket with a file is found by its path`() throws {
        let path = "/tmp/passed-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer {
            close(descriptor)
            unlink(path)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        bindAny(descriptor, &address)
        listen(descriptor, 5)
        #expect(try PassedSocket(descriptor: descriptor, name: "").address == .file(path))
    }

    @Test func `what can't be listened on is refused by its number, with what to write instead`() {
        let datagram = listening(AF_INET, Int32(SOCK_DGRAM.rawValue), listens: false)
        let deaf = listening(AF_INET, listens: false)
        let nameless = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { for descriptor in [datagram, deaf, nameless] { close(descriptor) } }
        for (descriptor, hint) in [(datagram, "ListenStream="), (deaf, "Accept=no"), (987_654, "not open")] {
            let fault = #expect(throws: PassedSocketFault.self) { try PassedSocket(descriptor: descriptor, name: "") }
            #expect(fault?.description.contains(hint) == true && fault?.descriptor == descriptor)
        }
        #expect(throws: PassedSocketFault.self) { try PassedSocket(descriptor: nameless, name: "") }
    }

    @Test(arguments: [
        [:], ["LISTEN_FDS": "1"], ["LISTEN_FDS": "1", "LISTEN_PID": "1"], ["LISTEN_FDS": "0", "LISTEN_PID": "42"],
    ])
    func `what was meant for another process is left alone`(environment: [String: String]) throws {
        #expect(try PassedSockets(environment: environment, processID: 42).left.isEmpty)
    }

    @Test(arguments: ["-1", "many", "1025", "4294967297"])
    func `a count that is none is refused`(count: String) {
        #expect(throws: PassedSocketFault.self) {
            try PassedSockets(environment: ["LISTEN_FDS": count, "LISTEN_PID": "42"], processID: 42)
        }
    }
}
