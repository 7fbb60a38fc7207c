import Broker
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOPosix
import TestSupport
import Testing

/// Generated garbage at the broker's HTTP entry point.
@Suite("The broker's HTTP entry point, fuzzed")
struct BrokerFuzzTests {
    private static let call = Array(#"{"policy":"reader","duration_seconds":900,"reason":"x"}"#.utf8)

    @Test("Spoilt bodies get problem documents, and credentials only where the body is still good")
    func bodies() async throws {
        let broker = try await BrokerUnderTest()
        var rounds = FuzzRounds(1_500)
        while rounds.next() {
            let (body, isStranger) = rounds.generate { generator in
                (Self.spoilt(Self.call, using: &generator), Bool.random(using: &generator))
            }
            let token = isStranger ? FakeTokens.stranger : FakeTokens.developer
            let headers: HTTPFields = [.authorization: token, .contentType: "application/json"]
            let before = broker.sts.calls.count
            let answer = try await broker.send(.post, "/v1/credentials", headers: headers, body: body)
            let expected = isStranger ? [400, 404, 422] : [200, 202, 400, 403, 404, 422]
            #expect(expected.contains(Int(answer.status)), "\(answer.status) for \(body)")
            #expect(answer.status < 300 || answer.problemCode != nil, "\(answer.body) for \(body)")
            #expect((broker.sts.calls.count > before) == (answer.status == 200), "\(body)")
        }
    }

    @Test("Garbage on the wire gets well-formed answers or the end of the connection, and no credentials")
    func wire() async throws {
        // What is sent shall reach the routes, not the limits that an address meets after sixty tokens that are no good.
        let limits = AddressLimits(requestsPerSecond: 100_000, failuresPerMinute: 6_000_000)
        let broker = try await BrokerUnderTest(edge: BrokerEdge(addresses: limits))
        let application = buildApplication(broker.parts, address: .hostname("127.0.0.1", port: 0))
        try await application.test(.live) { client in
            let port = try #require(client.port)
            var rounds = FuzzRounds(400)
            while rounds.next() {
                // The limits of one principal are not to be met either.
                broker.clock.advance(by: 1)
                let sent = rounds.generate { Self.spoilt(Self.request(using: &$0), using: &$0) }
                let answer = try await Self.answer(to: sent, port: port)
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 "), "\(answer) for \(sent)")
                #expect(!answer.hasPrefix("HTTP/1.1 5") && !answer.hasPrefix("HTTP/1.1 429 "), "\(answer) for \(sent)")
                #expect(!answer.contains("secret_access_key"), "\(answer) for \(sent)")
            }
            // The client's own connection has said nothing for so long that it may be closed.
            let request = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
            let health = try await Self.answer(to: Array(request.utf8), port: port)
            #expect(health.hasPrefix("HTTP/1.1 200 "), "\(health)")
        }
    }

    @Test("A body that ends before its announced length is a 400")
    func cutBody() async throws {
        let broker = try await BrokerUnderTest()
        let application = buildApplication(broker.parts, address: .hostname("127.0.0.1", port: 0))
        try await application.test(.live) { client in
            let port = try #require(client.port)
            let answer = try await Self.answer(to: Self.request("/v1/credentials").dropLast(5), port: port)
            #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("announced length"), "\(answer)")
        }
    }

    private static func request(using generator: inout SeededGenerator) -> [UInt8] {
        let paths = ["/v1/credentials", "/v1/policies", "/credentials/request", "/healthz", "/%00", "//", "*"]
        return request(paths.randomElement(using: &generator) ?? "/")
    }

    /// A whole request, good but for its token.
    private static func request(_ path: String) -> [UInt8] {
        let head = """
            POST \(path) HTTP/1.1\r
            Host: 127.0.0.1\r
            Authorization: Bearer \(FakeTokens.stranger)\r
            Content-Type: application/json\r
            Content-Length: \(call.count)\r
            Connection: close\r
            \r\n
            """
        return Array(head.utf8) + call
    }

    private static func spoilt(_ seed: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let index = Int.random(in: 0..<max(1, bytes.count), using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0 where index < bytes.count: bytes[index] = .random(in: .min ... .max, using: &generator)
            case 1 where index < bytes.count: bytes.remove(at: index)
            case 2:
                let noise = Array(#"{}[]",:\u0"#.utf8).shuffled(using: &generator)
                bytes.insert(contentsOf: noise, at: min(index, bytes.count))
            default: bytes = Array(bytes.prefix(index))
            }
        }
        return bytes
    }

    /// Sends the bytes, says that no more will come, and reads to the end.
    private static func answer(to bytes: some Sequence<UInt8>, port: Int) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var answer = ByteBuffer()
            // The server may have closed already, which is an answer too.
            try? await outbound.write(ByteBuffer(bytes: bytes))
            outbound.finish()
            do {
                for try await part in inbound { answer.writeImmutableBuffer(part) }
            } catch is IOError {
                return String(buffer: answer)
            }
            return String(buffer: answer)
        }
    }
}
