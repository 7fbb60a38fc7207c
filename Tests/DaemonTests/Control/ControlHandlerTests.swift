import CallerIdentity
import MetadataServer
import NIOCore
import NIOEmbedded
import NIOHTTP1
import OIDC
import TestSupport
import Testing

@testable import Daemon

/// What only a clock in hand can show.
@Suite("One control connection")
struct ControlHandlerTests {
    private func service() throws -> ControlService {
        let time = ManualTime()
        let settings = try Sample.settings()
        let signIns = SignInStore(provider: FakeProvider(), now: { time.now }, logger: Sample.quiet)
        return ControlService(
            settings: CurrentSettings(settings), callers: CallerState(), signIns: signIns, cache: Sample.cache(),
            tokenFiles: TokenFiles(directory: "/x", tokens: ContainerTokens()), listeners: { [] }, logger: Sample.quiet,
            now: { time.now })
    }

    private func channel(
        _ caller: Result<Caller, UnknownCaller> = .failure(.noUser), of service: ControlService? = nil,
        log: LogLines = LogLines()
    ) throws -> EmbeddedChannel {
        let handler = ControlHandler(service: try service ?? self.service(), caller: caller, logger: log.logger)
        let channel = EmbeddedChannel(handler: handler)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
        return channel
    }

    private func part(_ head: HTTPRequestHead) -> HTTPServerRequestPart { .head(head) }

    private static let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/v1/status")

    /// The status of the next answer, if there is one.
    private func status(_ channel: EmbeddedChannel) throws -> UInt? {
        while let part = try channel.readOutbound(as: HTTPServerResponsePart.self) {
            if case .head(let head) = part { return head.status.code }
        }
        return nil
    }

    @Test("A connection on which nothing comes is closed after 30 seconds")
    func idle() throws {
        let channel = try channel()
        channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test("A request that comes drop by drop doesn't hold the connection longer")
    func slow() throws {
        let channel = try channel()
        try channel.writeInbound(part(Self.head))
        for _ in 0..<29 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(1))
            try channel.writeInbound(HTTPServerRequestPart.body(ByteBuffer(string: "x")))
        }
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test("After an answer, the time begins anew")
    func renewed() throws {
        let channel = try channel()
        for _ in 0..<3 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(29))
            try channel.writeInbound(part(Self.head))
            try channel.writeInbound(HTTPServerRequestPart.end(nil))
            #expect(try status(channel) == 403)
        }
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(30))
        #expect(!channel.isActive)
    }

    @Test("A caller whom the kernel doesn't name gets nothing")
    func unknownCaller() throws {
        let channel = try channel(.failure(.kernelDidNotAnswer))
        try channel.writeInbound(part(Self.head))
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        #expect(try status(channel) == 403)
    }

    @Test func `unknown callers who connect anew each time don't fill the log`() throws {
        let (service, log, count) = (try service(), LogLines(), 200)
        for _ in 0..<count {
            let channel = try channel(.failure(.kernelDidNotAnswer), of: service, log: log)
            try channel.writeInbound(part(Self.head))
            try channel.writeInbound(HTTPServerRequestPart.end(nil))
            #expect(try status(channel) == 403)
        }
        #expect((20..<count).contains(log.lines.count))
        #expect(log.lines.first == "warning unknown caller on the control socket reason=the kernel did not answer")
    }

    @Test("Told to stop, an idle connection closes, and events of others pass")
    func drain() throws {
        let channel = try channel()
        channel.pipeline.fireUserInboundEventTriggered("other")
        #expect(channel.isActive)
        channel.pipeline.fireUserInboundEventTriggered(ControlDrain())
        #expect(!channel.isActive)
    }
}
