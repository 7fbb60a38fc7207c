import Glibc
import Logging
import NIOCore
import NIOHTTP1
import Systemd
import TestSupport
import Testing

@testable import Daemon

@Suite("Self-check")
struct SelfCheckTests {
    private let clock = TestClock()

    /// A manager that watches, with a socket that nobody reads.
    private func manager(every interval: String? = "200000") -> ServiceManager {
        ServiceManager(environment: interval.map { ["WATCHDOG_USEC": $0] } ?? [:])
    }

    private func check(_ url: String, every interval: String) throws -> SelfCheck<TestClock> {
        let port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        return try #require(SelfCheck(address, manager: manager(every: interval), clock: clock, logger: Sample.quiet))
    }

    @Test("Any HTTP answer is one, whatever its status", arguments: [200, 400, 403, 503])
    func answered(status: Int) async throws {
        try await ScriptedServer.running { request in
            .text("", status: request.method == .OPTIONS && request.target == "*" ? status : 200)
        } _: { server in
            let isAnswered = try await check(server.url, every: "120000000").isAnswered()
            #expect(isAnswered)
        }
    }

    @Test("A listener that hangs or closes does not answer, nor does none", arguments: [true, false])
    func unanswered(hangs: Bool) async throws {
        let listener = try await TestListener { hangs ? $0.eventLoop.makeSucceededVoidFuture() : $0.close() }
        let check = try check("http://127.0.0.1:\(listener.port)", every: "200000")
        #expect(await check.isAnswered() == false)
        try await listener.close()
        #expect(await check.isAnswered() == false)
    }

    @Test("A check that waits for a listener which hangs ends when it is told to", .timeLimit(.minutes(5)))
    func cancelled() async throws {
        let (accepted, continuation) = AsyncStream.makeStream(of: Void.self)
        let listener = try await TestListener { channel in
            continuation.yield()
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        // Half of this is how long it would wait: two hours.
        let check = try check("http://127.0.0.1:\(listener.port)", every: "14400000000")
        let running = Task { await check.run() }
        _ = await accepted.first { _ in true }
        running.cancel()
        await running.value
        try await listener.close()
    }

    @Test("Nobody is asked where nobody watches")
    func unwatched() throws {
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
        #expect(SelfCheck(address, manager: manager(every: nil), clock: clock, logger: Sample.quiet) == nil)
        #expect(SelfCheck(nil, manager: manager(), clock: clock, logger: Sample.quiet) == nil)
    }
}
