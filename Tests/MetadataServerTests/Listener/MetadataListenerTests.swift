import CallerIdentity
import CredentialCache
import Credentials
import FoundationEssentials
import Glibc
import Logging
import NIOCore
import TestSupport
import Testing

@testable import MetadataServer

@Suite("MetadataListener, with real sockets")
struct MetadataListenerTests {
    private let served: ServedUser
    private var source: FakeSource { served.source }
    private var callerConnections: CallerConnections { served.callerConnections }
    private var loop: ServingLoop { served.loop }

    init() throws { served = try ServedUser() }

    private func listener(
        _ address: ListenerConfiguration.Address, _ change: (inout ListenerConfiguration) -> Void = { _ in }
    ) -> MetadataListener {
        served.listener(address, change)
    }

    private func get(_ target: String, host: String, isLast: Bool = false) -> String {
        served.get(target, host: host, isLast: isLast)
    }

    private func temporaryPath() -> String {
        "/tmp/metadata-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
    }

    @Test("A Unix socket is given to its group before anybody can connect", .enabled(if: geteuid() == 0, "needs root"))
    func socketGroup() throws {
        let path = temporaryPath()
        let file = try UnixSocketFile(listener: "test", path: path, mode: 0o660, group: 4242)
        defer { file.discard() }
        var facts = stat()
        #expect(lstat(path, &facts) == 0)
        #expect(facts.st_gid == 4242 && facts.st_uid == geteuid() && facts.st_mode & 0o777 == 0o660)
    }

    @Test("A client over TCP gets its credentials, request after request")
    func tcp() async throws {
        let bound = try listener(.tcp(host: "127.0.0.1", port: 0)).bind(on: loop)
        let port = try #require(bound.address.port)
        let client = try SocketClient(bound.address)
        client.send(get("/", host: "127.0.0.1:\(port)") + get("/", host: "127.0.0.1", isLast: true))
        let responses = try WireResponse.all(in: client.readToEnd())
        #expect(responses.map(\.status) == [200, 200])
        #expect(responses.allSatisfy { $0.body.contains(Fixture.secret) })
        await bound.close(within: .seconds(5))
    }

    @Test("Answers go one hop, on sockets that do not delay small packets", arguments: [1, 2])
    func hopLimit(hops: Int) async throws {
        let bound = try listener(.tcp(host: "127.0.0.1", port: 0)) { $0.hopLimit = hops }
            .bind(on: loop)
        let client = try SocketClient(bound.address)
        client.send(get("/", host: "127.0.0.1"))
        _ = client.read(until: "}")
        let accepted = try #require(client.otherEnd)
        #expect(SocketClient.option(CInt(IPPROTO_IP), IP_TTL, of: accepted) == CInt(hops))
        #expect(SocketClient.option(CInt(IPPROTO_TCP), TCP_NODELAY, of: accepted) == 1)
        await bound.close(within: .seconds(5))
    }

    @Test("A Unix socket has its mode, and is removed in the end")
    func unix() async throws {
        let path = temporaryPath()
        let bound = try listener(.unix(path: path, mode: 0o600)).bind(on: loop)
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode == S_IFSOCK | 0o600)
        let client = try SocketClient(bound.address)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        #expect(try WireResponse.all(in: client.readToEnd()).map(\.status) == [200])
        await bound.close(within: .seconds(5))
        #expect(lstat(path, &status) != 0)
    }

    @Test("A socket that a dead process left is replaced, a live one and anything else is not")
    func socketFile() async throws {
        let path = temporaryPath()
        defer { unlink(path) }
        let abandoned = try UnixSocketFile(listener: "test", path: path, mode: 0o600)
        close(abandoned.descriptor)
        let bound = try listener(.unix(path: path, mode: 0o600)).bind(on: loop)
        #expect(throws: ListenerError.inUse(listener: "test", address: path)) {
            try listener(.unix(path: path, mode: 0o600)).bind(on: loop)
        }
        await bound.close(within: .seconds(5))
        try #require(symlink("/tmp/elsewhere.sock", path) == 0)
        #expect(throws: ListenerError.obstructed(listener: "test", path: path, reason: "is not a socket")) {
            try listener(.unix(path: path, mode: 0o600)).bind(on: loop)
        }
    }

    @Test("A socket file that is no longer ours stays when we close")
    func replacedSocketFile() async throws {
        let path = temporaryPath()
        let bound = try listener(.unix(path: path, mode: 0o600)).bind(on: loop)
        unlink(path)
        let successor = try UnixSocketFile(listener: "test", path: path, mode: 0o600)
        await bound.close(within: .seconds(5))
        var status = stat()
        #expect(lstat(path, &status) == 0)
        successor.remove()
        close(successor.descriptor)
    }

    @Test(
        "Addresses that cannot be are refused with what to change",
        arguments: [
            ListenerConfiguration.Address.tcp(host: "localhost", port: 0), .tcp(host: "127.0.0.1", port: 65536),
            .tcp(host: "", port: 1),
            .unix(path: "", mode: 0o600), .unix(path: "/tmp/" + String(repeating: "x", count: 103), mode: 0o600),
        ])
    func invalidAddress(address: ListenerConfiguration.Address) async {
        let error = #expect(throws: ListenerError.self) {
            try listener(address).bind(on: loop)
        }
        guard case .invalidAddress = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("A port that is taken says so")
    func portInUse() async throws {
        let bound = try listener(.tcp(host: "127.0.0.1", port: 0)).bind(on: loop)
        let port = try #require(bound.address.port)
        #expect(throws: ListenerError.inUse(listener: "test", address: "127.0.0.1 port \(port)")) {
            try listener(.tcp(host: "127.0.0.1", port: port)).bind(on: loop)
        }
        await bound.close(within: .seconds(5))
    }

    @Test("A listener with all addresses knows the one that the client used")
    func wildcard() async throws {
        let bound = try listener(.tcp(host: "0.0.0.0", port: 0)).bind(on: loop)
        let port = try #require(bound.address.port)
        let client = try SocketClient(SocketAddress(ipAddress: "127.0.0.1", port: port))
        client.send(get("/", host: "127.0.0.1:\(port)") + get("/", host: "0.0.0.0:\(port)", isLast: true))
        #expect(try WireResponse.all(in: client.readToEnd()).map(\.status) == [200, 403])
        await bound.close(within: .seconds(5))
    }

    @Test("A waiting client is answered when the attempt ends; draining lets it")
    func waitingAndDraining() async throws {
        source.set(.fetching, for: "developer", user: geteuid())
        let bound = try listener(.tcp(host: "127.0.0.1", port: 0)) { $0.patience = .seconds(60) }
            .bind(on: loop)
        let waiting = try SocketClient(bound.address)
        let dropped = try SocketClient(bound.address)
        let idle = try SocketClient(bound.address)
        waiting.send(get("/", host: "127.0.0.1"))
        dropped.send(get("/", host: "127.0.0.1"))
        try await awaited("two wait") { source.waiterCount >= 2 }
        dropped.close()
        async let closed: Void = bound.close(within: .seconds(60))
        #expect(idle.readToEnd().isEmpty)
        source.set(.usable(Fixture.prepared()), for: "developer", user: geteuid())
        source.endAttempt("developer", user: geteuid())
        #expect(try WireResponse.all(in: waiting.readToEnd()).map(\.status) == [200])
        await closed
        #expect(callerConnections.count(of: .user(geteuid())) == 0)
    }

    @Test("A user with too many connections is told so, with far too many gets none, and is welcome again later")
    func connectionLimit() async throws {
        let bound = try listener(.tcp(host: "127.0.0.1", port: 0)).bind(on: loop)
        let first = try (0..<3).map { _ in try answeredClient(bound, status: 200) }
        let refused = try (0..<3).map { _ in try SocketClient(bound.address) }
        try await awaited("six connections") { callerConnections.count(of: .user(geteuid())) >= 6 }
        let dropped = try SocketClient(bound.address)
        #expect(dropped.readToEnd().isEmpty)
        for client in refused {
            client.send(get("/", host: "127.0.0.1"))
            let answer = try WireResponse.all(in: client.readToEnd())
            #expect(answer.map(\.status) == [429])
            #expect(answer.first?.body.contains("TooManyRequests") == true)
        }
        first.forEach { $0.close() }
        try await awaited("no connection") { callerConnections.count(of: .user(geteuid())) == 0 }
        _ = try answeredClient(bound, status: 200)
        await bound.close(within: .seconds(5))
    }

    private func answeredClient(_ bound: BoundListener, status: Int) throws -> SocketClient {
        let client = try SocketClient(bound.address)
        client.send(get("/", host: "127.0.0.1"))
        #expect(client.read(until: "}").hasPrefix("HTTP/1.1 \(status) "))
        return client
    }

    @Test("Draining ends in bounded time, whatever clients do")
    func boundedDrain() async throws {
        let bound = try listener(.tcp(host: "127.0.0.1", port: 0)).bind(on: loop)
        let stuck = try SocketClient(bound.address)
        stuck.send("GET / HTTP/1.1\r\nHost: ")
        try await awaited("a connection") { callerConnections.count(of: .user(geteuid())) > 0 }
        await bound.close(within: .milliseconds(50))
        #expect(callerConnections.count(of: .user(geteuid())) == 0)
    }
}
