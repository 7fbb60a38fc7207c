import HTTPExchange
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@Suite("One outgoing exchange")
struct HTTPExchangeTests {
    private static let longest = 100

    /// What an exchange with a server of that script ends with.
    private func exchange(
        clock: any Clock<Duration> = ContinuousClock(), timeout: Duration = .seconds(60),
        _ script: @escaping @Sendable (ScriptedServer.Request) async -> ScriptedServer.Reply
    ) async throws -> Result<HTTPAnswer, HTTPExchangeFailure> {
        try await ScriptedServer.running(script) { server in
            try await OwnClient.with { client in
                let exchange = HTTPExchange(
                    http: client, timeout: timeout, maximumAnswerBytes: Self.longest, clock: clock)
                do throws(HTTPExchangeFailure) {
                    return .success(try await exchange.answer(to: HTTPClientRequest(url: server.url + "/a?b")))
                } catch {
                    return .failure(error)
                }
            }
        }
    }

    @Test("Any status with its headers and its body is an answer", arguments: [200, 204, 404, 500])
    func answers(status: Int) async throws {
        let seen = Mutex<ScriptedServer.Request?>(nil)
        let answer = try await exchange { request in
            seen.withLock { $0 = request }
            return .answer(status: status, headers: [("X-Test", "1")], body: status == 204 ? [] : Array("text".utf8))
        }.get()
        #expect(answer.status == status)
        #expect(answer.headers["X-Test"] == ["1"])
        #expect(answer.body == (status == 204 ? [] : Array("text".utf8)))
        let request = try #require(seen.withLock { $0 })
        #expect(request.target == "/a?b")
        #expect(request.headers["User-Agent"] == ["stsbroker"])
    }

    @Test("A redirect is an answer like any other, and not followed", arguments: [301, 302, 307, 308])
    func redirects(status: Int) async throws {
        let targets = Mutex<[String]>([])
        let answer = try await exchange { request in
            targets.withLock { $0.append(request.target) }
            return .answer(status: status, headers: [("Location", "/elsewhere")], body: [])
        }.get()
        #expect(answer.status == status)
        #expect(targets.withLock { $0 } == ["/a?b"])
    }

    @Test("The time-out covers the body's last byte", arguments: [true, false])
    func timesOut(stallsInBody: Bool) async throws {
        let clock = TestClock()
        async let result = exchange(clock: clock, timeout: .seconds(7)) { _ in
            stallsInBody ? .stall(body: Array("0123456789".utf8)) : .hang
        }
        try await clock.sleepers(1)
        clock.advance(by: .seconds(7))
        #expect(try await result.failure?.reason == "it did not answer within 7.0 seconds")
    }

    @Test("A caller that is cancelled gets a failure, not the part of the body that has come")
    func cancelled() async throws {
        let clock = TestClock()
        let task = Task {
            try await exchange(clock: clock) { _ in .stall(body: Array("0123456789".utf8)) }
        }
        try await clock.sleepers(1)
        task.cancel()
        #expect(try await task.value.failure != nil)
    }

    @Test(
        "A connection that ends early is a failure", arguments: [ScriptedServer.Reply.reset, .cut(body: [1, 2, 3, 4])])
    func breaksOff(reply: ScriptedServer.Reply) async throws {
        let failure = try #require(try await exchange { _ in reply }.failure)
        #expect(failure.reason.hasPrefix("the request failed: "))
        #expect(!failure.reason.contains("\n"))
    }

    @Test("A body up to the bound is taken, a longer one is a failure", arguments: [99, 100, 101, 100_000])
    func bounds(length: Int) async throws {
        let result = try await exchange { _ in
            .answer(status: 200, headers: [], body: [UInt8](repeating: 0x61, count: length))
        }
        if length <= Self.longest {
            #expect(try result.get().body.count == length)
        } else {
            #expect(result.failure?.reason == "its answer is longer than 100 bytes")
        }
    }

    @Test(
        "Where nobody listens, and for what is no URL, there is a failure",
        arguments: [
            "http://127.0.0.1:1/", "nonsense", "ftp://127.0.0.1/", "http://u@127.0.0.1/", "http://127.0.0.1:0/",
        ])
    func unreachable(url: String) async throws {
        try await OwnClient.with { client -> Void in
            await #expect(throws: HTTPExchangeFailure.self) {
                _ = try await HTTPExchange(http: client).answer(to: HTTPClientRequest(url: url))
            }
        }
    }
}

/// A client for one test.
enum OwnClient {
    static func with<Value>(_ body: (HTTPClient) async throws -> Value) async throws -> Value {
        let client = HTTPClient()
        do {
            let value = try await body(client)
            await client.shutdown()
            return value
        } catch {
            await client.shutdown()
            throw error
        }
    }
}

extension Result {
    var failure: Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}
