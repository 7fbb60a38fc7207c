import FoundationEssentials
import Glibc
import NIOCore
import NIOPosix
import Subprocess
import TestSupport
import Testing

@testable import CallerIdentity

@Suite("CallerResolver, with real sockets", .timeLimit(.minutes(1)))
struct CallerResolverTests {
    private static let ourselves = Result<Caller, UnknownCaller>.success(
        Caller(userID: geteuid(), groupID: nil, processID: nil))

    @Test("Our own connection over IPv4 is ours")
    func ipv4() async throws {
        let server = try await AcceptedConnections.tcp("127.0.0.1")
        let client = try Client.connect("127.0.0.1", port: try #require(server.address.port), family: AF_INET)
        defer { close(client) }
        #expect(await server.next() == Self.ourselves)
        try await server.close()
    }

    @Test("Our own connection over IPv6 is ours", .enabled(if: Loopback.hasIPv6, "needs ::1"))
    func ipv6() async throws {
        let server = try await AcceptedConnections.tcp("::1")
        let client = try Client.connect("::1", port: try #require(server.address.port), family: AF_INET6)
        defer { close(client) }
        #expect(await server.next() == Self.ourselves)
        try await server.close()
    }

    @Test("An IPv6 socket that speaks IPv4 is found", .enabled(if: Loopback.hasIPv6, "needs IPv6"))
    func mappedClient() async throws {
        let server = try await AcceptedConnections.tcp("127.0.0.1")
        let client = try Client.connect("::ffff:127.0.0.1", port: try #require(server.address.port), family: AF_INET6)
        defer { close(client) }
        #expect(await server.next() == Self.ourselves)
        try await server.close()
    }

    @Test("An IPv4 client of an IPv6 listener is found", .enabled(if: Loopback.hasIPv6, "needs IPv6"))
    func mappedListener() async throws {
        let server = try await AcceptedConnections.tcp("::")
        let client = try Client.connect("127.0.0.1", port: try #require(server.address.port), family: AF_INET)
        defer { close(client) }
        #expect(await server.next() == Self.ourselves)
        try await server.close()
    }

    @Test("A Unix socket tells user, group and process")
    func unix() async throws {
        let path = "/tmp/caller-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        let server = try await AcceptedConnections.unix(path)
        let client = try Client.connect(unix: path)
        defer { close(client) }
        #expect(await server.next() == .success(Caller(userID: geteuid(), groupID: getegid(), processID: getpid())))
        try await server.close()
        unlink(path)
    }

    @Test("A Unix socket whose other end is no process has none to look at, whatever number it had")
    func noPeerProcess() throws {
        let unconnected = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(unconnected) }
        var ends: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        defer { ends.forEach { close($0) } }
        // Before Linux 6.5 there is no proof of either.
        guard
            case .descriptor(let process) = UnixPeerCredentials.processProof(
                of: AcceptedSocket(descriptor: ends[0], connection: nil))
        else { return }
        close(process)
        guard
            case .gone = UnixPeerCredentials.processProof(of: AcceptedSocket(descriptor: unconnected, connection: nil))
        else {
            Issue.record("an error counts as an old kernel")
            return
        }
    }

    @Test("A client that has closed its socket is unknown, and not root")
    func closedClient() async throws {
        let (connection, client, accepted) = try establishedPair()
        defer { close(accepted) }
        #expect(CallerResolver().caller(of: connection) == Self.ourselves)
        close(client)
        try await awaitNobody(of: connection)
    }

    @Test("A client in TIME_WAIT is unknown, and not root")
    func timeWait() async throws {
        let (connection, client, accepted) = try establishedPair()
        shutdown(client, CInt(SHUT_WR))
        close(accepted)
        close(client)
        try await awaitNobody(of: connection)
    }

    @Test("A listener on the client's old port is not taken for the client")
    func listenerOnTheClientsPort() throws {
        let (server, address) = try listeningSocket()
        let (other, elsewhere) = try listeningSocket()
        defer {
            close(server)
            close(other)
        }
        let connection = TCPConnection(client: address, server: elsewhere)
        #expect(CallerResolver().caller(of: connection) == .failure(.mismatchedAnswer))
    }

    @Test("A half-closed client still owns its socket")
    func halfClosed() throws {
        let (connection, client, accepted) = try establishedPair()
        defer {
            close(client)
            close(accepted)
        }
        shutdown(client, CInt(SHUT_WR))
        #expect(CallerResolver().caller(of: connection) == Self.ourselves)
    }

    @Test("/proc finds the same owner as netlink")
    func procAgrees() async throws {
        let (connection, client, accepted) = try establishedPair()
        defer { close(accepted) }
        #expect(ProcNetTCP.owner(of: connection) == .success(geteuid()))
        close(client)
        try await awaited("nobody owns the socket") { ProcNetTCP.owner(of: connection) == .failure(.notOwned) }
    }

    @Test("A peer that is not on this machine is unknown but for its address")
    func remotePeer() {
        let connection = TCPConnection(
            client: Endpoint(address: IPAddress(ipv4: 0xC000_0201), port: 40000),
            server: Endpoint(address: IPAddress(ipv4: 0xC000_0202), port: 80))
        #expect(CallerResolver().caller(of: connection) == .failure(.notThisMachine(IPAddress(ipv4: 0xC000_0201))))
    }

    @Test(
        "Another user is recognised over TCP and over a Unix socket",
        .enabled(if: geteuid() == 0, "needs root, to start a process as uid 65534"))
    func anotherUser() async throws {
        let path = "/tmp/caller-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        let overTCP = try await AcceptedConnections.tcp("127.0.0.1")
        let overUnix = try await AcceptedConnections.unix(path)
        try #require(chmod(path, 0o777) == 0)
        let script = """
            import encodings.idna, os, socket, sys
            os.setgid(65534); os.setuid(65534)
            tcp = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            local = socket.socket(socket.AF_UNIX); local.connect(sys.argv[2])
            tcp.recv(1); local.recv(1)
            """
        let port = String(try #require(overTCP.address.port))
        async let client = Subprocess.run(
            .name("python3"), arguments: ["-c", script, port, path], output: .discarded, error: .string(limit: 4096))
        #expect(await overTCP.next() == .success(Caller(userID: 65534, groupID: nil, processID: nil)))
        let unixCaller = try #require(await overUnix.next()).get()
        #expect(unixCaller.userID == 65534)
        #expect(unixCaller.groupID == 65534)
        #expect(unixCaller.processID != getpid())
        let ended = try await client
        #expect(ended.terminationStatus.isSuccess, "\(ended.standardError)")
        try await overTCP.close()
        try await overUnix.close()
        unlink(path)
    }

    @Test("Many threads may ask at once")
    func concurrency() async throws {
        let (connection, client, accepted) = try establishedPair()
        defer {
            close(client)
            close(accepted)
        }
        let resolver = CallerResolver()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<200).allSatisfy { _ in resolver.caller(of: connection) == Self.ourselves } }
            }
            for await allRight in group { #expect(allRight) }
        }
    }

    /// A process that another test starts has a copy of every descriptor from its fork until its exec.
    private func awaitNobody(of connection: TCPConnection) async throws {
        try await awaited("nobody owns the socket") {
            if case .failure = CallerResolver().caller(of: connection) { true } else { false }
        }
    }

    private func listeningSocket() throws -> (CInt, Endpoint) {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let bound = try SocketAddress(ipAddress: "127.0.0.1", port: 0).withSockAddr {
            bind(descriptor, $0, socklen_t($1))
        }
        try #require(bound == 0)
        try #require(listen(descriptor, 1) == 0)
        return (descriptor, try localAddress(of: descriptor))
    }

    private func establishedPair() throws -> (TCPConnection, client: CInt, accepted: CInt) {
        let (server, address) = try listeningSocket()
        defer { close(server) }
        let client = try Client.connect("127.0.0.1", port: Int(address.port), family: AF_INET)
        let accepted = accept(server, nil, nil)
        try #require(accepted >= 0 && fcntl(accepted, F_SETFD, FD_CLOEXEC) == 0)
        return (TCPConnection(client: try localAddress(of: client), server: address), client, accepted)
    }

    private func localAddress(of descriptor: CInt) throws -> Endpoint {
        let endpoint = withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { bytes in
            var length = socklen_t(bytes.count)
            guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                getsockname(descriptor, address, &length) == 0
            else { return Endpoint?.none }
            return Endpoint(socketAddress: UnsafeRawBufferPointer(rebasing: bytes[..<Int(length)]))
        }
        return try #require(endpoint)
    }
}
