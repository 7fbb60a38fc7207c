import CallerIdentity
import CredentialCache
import Glibc
import NIOCore
import TestSupport
import Testing

@testable import MetadataServer

@Suite("ServingLoop, with real sockets")
struct ServingLoopTests {
    private let served: ServedUser
    private let user: UInt32 = geteuid()

    init() throws { served = try ServedUser(mostConnections: 1000) }

    /// It has been accepted, and has sent the beginning of a request.
    private func clientWithinRequest(of bound: BoundListener) async throws -> SocketClient {
        let client = try SocketClient(bound.address)
        client.send("GET / HTTP/1.1\r\n")
        try await awaited("a connection") { served.callerConnections.count(of: .user(user)) > 0 }
        return client
    }

    @Test("A client that asks far more than it reads gets all answers, and nobody else waits for it")
    func backpressure() async throws {
        let bound = try served.listener().bind(on: served.loop)
        let greedy = try SocketClient(bound.address)
        let requests = String(repeating: served.get(), count: 20_000) + served.get(isLast: true)
        var unsent = Array(requests.utf8)[...]
        try await awaited("a connection") { greedy.otherEnd != nil }
        let accepted = try #require(greedy.otherEnd)
        var (untaken, lastChange) = (0, ContinuousClock.now)
        try await awaited("no more requests are taken than can be answered") {
            greedy.sendUntilFull(&unsent)
            let (before, unread) = (untaken, SocketClient.unread(by: accepted))
            untaken = unsent.count + unread
            if untaken != before || unread == 0 { lastChange = .now }
            return .now - lastChange > .milliseconds(200)
        }
        let other = try SocketClient(bound.address)
        other.send(served.get(isLast: true))
        #expect(try WireResponse.all(in: other.readToEnd()).map(\.status) == [200])
        var answers = ""
        while !unsent.isEmpty {
            let more = greedy.readSome()
            try #require(!more.isEmpty, "no more answers come")
            answers += more
            greedy.sendUntilFull(&unsent)
        }
        answers += greedy.readToEnd()
        #expect(answers.split(separator: "HTTP/1.1 200 OK").count == 20_001)
        #expect(answers.hasSuffix("}"))
        await bound.close(within: .seconds(5))
    }

    @Test("Many connections, of two listeners, are served side by side")
    func many() async throws {
        let listeners = try (0..<2).map { _ in try served.listener().bind(on: served.loop) }
        let clients = try (0..<200).map { try SocketClient(listeners[$0 % 2].address) }
        for client in clients { client.send(served.get()) }
        for client in clients.reversed() { #expect(client.read(until: "}").hasPrefix("HTTP/1.1 200 ")) }
        for client in clients { client.send(served.get(isLast: true)) }
        for client in clients { #expect(client.readToEnd().contains("\r\nConnection: close\r\n")) }
        for bound in listeners { await bound.close(within: .seconds(5)) }
        #expect(served.callerConnections.count(of: .user(user)) == 0)
    }

    @Test("A client that has shut its half of the connection is still answered when the attempt ends")
    func halfClosed() async throws {
        served.source.set(.fetching, for: "developer", user: user)
        let bound = try served.listener { $0.patience = .seconds(600) }.bind(on: served.loop)
        let client = try SocketClient(bound.address)
        client.send(served.get())
        client.shutDownSending()
        try await awaited("it waits") { served.source.waiterCount > 0 }
        served.source.set(.usable(Fixture.prepared()), for: "developer", user: user)
        served.source.endAttempt("developer", user: user)
        #expect(try WireResponse.all(in: client.readToEnd()).map(\.status) == [200])
        await bound.close(within: .seconds(5))
    }

    @Test("A request that waits is answered when its patience ends")
    func patience() async throws {
        served.source.set(.fetching, for: "developer", user: user)
        let bound = try served.listener { $0.patience = .milliseconds(50) }.bind(on: served.loop)
        let client = try SocketClient(bound.address)
        client.send(served.get(isLast: true))
        #expect(try WireResponse.all(in: client.readToEnd()).map(\.status) == [503])
        await bound.close(within: .seconds(5))
    }

    @Test("A connection that says nothing is closed in the end, and counts no more")
    func idle() async throws {
        let bound = try served.listener { $0.idleTimeout = .milliseconds(50) }.bind(on: served.loop)
        let client = try SocketClient(bound.address)
        #expect(client.readToEnd().isEmpty)
        try await awaited("no connection") { served.callerConnections.count(of: .user(user)) == 0 }
        await bound.close(within: .seconds(5))
    }

    @Test("A caller who can't be looked up in time is closed unanswered, and that is logged")
    func lateLookUp() async throws {
        let records = LogLines()
        let group = try #require(UserGroups.ofUser(user).first)
        let served = try ServedUser(group: group, logger: records.logger)
        let patient = try served.listener { $0.lookUpTimeout = .seconds(600) }.bind(on: served.loop)
        let answered = try SocketClient(patient.address)
        answered.send(served.get(isLast: true))
        #expect(try WireResponse.all(in: answered.readToEnd()).map(\.status) == [200])
        let impatient = try served.listener { $0.lookUpTimeout = .zero }.bind(on: served.loop)
        let unanswered = try SocketClient(impatient.address)
        #expect(unanswered.readToEnd().isEmpty)
        #expect(records.lines.count(where: { $0.hasSuffix("could not be looked up in time uid=\(user)") }) == 1)
        try await awaited("no connection") { served.callerConnections.count(of: .user(user)) == 0 }
        for bound in [patient, impatient] { await bound.close(within: .seconds(5)) }
    }

    @Test("Closing twice, at once and again, ends both times")
    func closedTwice() async throws {
        let bound = try served.listener().bind(on: served.loop)
        let client = try await clientWithinRequest(of: bound)
        async let first: Void = bound.close(within: .seconds(600))
        async let second: Void = bound.close(within: .milliseconds(10))
        _ = await (first, second)
        #expect(client.readToEnd().isEmpty)
        await bound.close(within: .seconds(600))
    }

    @Test("A close that comes later gives what was accepted no more time")
    func closedLater() async throws {
        let bound = try served.listener().bind(on: served.loop)
        let client = try await clientWithinRequest(of: bound)
        async let first: Void = bound.close(within: .seconds(1))
        try await awaited("nothing more is accepted") { !SocketClient.isAccepted(at: bound.address) }
        await bound.close(within: .seconds(600))
        await first
        #expect(client.readToEnd().isEmpty)
    }

    @Test("A passed socket, which its owner keeps, is watched no more while what was accepted ends")
    func passedSocket() async throws {
        let owners = try SocketClient.listeningSocket()
        defer { close(owners) }
        let bound = try served.listener().bind(on: served.loop, passed: fcntl(owners, F_DUPFD_CLOEXEC, 3))
        let client = try await clientWithinRequest(of: bound)
        #expect(SocketClient.isWatched(owners))
        async let closed: Void = bound.close(within: .seconds(600))
        defer { client.close() }
        try await awaited("it is watched no more") { !SocketClient.isWatched(owners) }
        client.close()
        await closed
    }

    @Test("A listener that closes while it pauses has the whole time for what it has accepted")
    func closingWhilePaused() throws {
        let socket = try ListeningSocket(on: SocketAddress(ipAddress: "127.0.0.1", port: 0), passed: nil, hopLimit: 1)
        defer { socket.close() }
        let listening = Listening(socket: socket, token: 1, listener: served.listener())
        let end = NIODeadline.now() + .seconds(5)
        listening.pausedUntil = .now()
        listening.close(by: end) {}
        #expect(listening.deadline == end)
    }

    @Test("A second signal cuts off what the first one waits for")
    func cutOff() async throws {
        let bound = try served.listener().bind(on: served.loop)
        let client = try await clientWithinRequest(of: bound)
        async let closed: Void = bound.close(within: .seconds(600))
        bound.cutOff()
        await closed
        #expect(client.readToEnd().isEmpty)
    }

    @Test("When nobody has the loop any more, everything on it is closed")
    func end() throws {
        var listener: BoundListener?
        let client: SocketClient
        do {
            let served = try ServedUser()
            let bound = try served.listener().bind(on: served.loop)
            listener = bound
            client = try SocketClient(bound.address)
            client.send(served.get())
            #expect(client.read(until: "}").hasPrefix("HTTP/1.1 200 "))
        }
        #expect(listener != nil)
        listener = nil
        #expect(client.readToEnd().isEmpty)
    }

    @Test("IPv4 connections of an IPv6 listener go one hop too", .enabled(if: Loopback.hasIPv6, "needs IPv6"))
    func hopLimitOfMappedAddresses() async throws {
        let bound = try served.listener(.tcp(host: "::", port: 0)).bind(on: served.loop)
        let client = try SocketClient(SocketAddress(ipAddress: "127.0.0.1", port: try #require(bound.address.port)))
        client.send(served.get())
        #expect(client.read(until: "}").hasPrefix("HTTP/1.1 200 "))
        let accepted = try #require(client.otherEnd)
        #expect(SocketClient.option(CInt(IPPROTO_IP), IP_TTL, of: accepted) == 1)
        await bound.close(within: .seconds(5))
    }
}
