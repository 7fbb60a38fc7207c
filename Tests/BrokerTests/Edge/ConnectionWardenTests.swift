import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import Broker

@Suite struct ConnectionWardenTests {
    /// A connection with a warden and, behind it, what sees how Hummingbird is told to stop.
    private final class Connection {
        final class Ear: ChannelInboundHandler {
            typealias InboundIn = HTTPRequestPart
            var heard = 0
            func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
                if event is ChannelShouldQuiesceEvent { heard += 1 }
            }
        }

        let channel = EmbeddedChannel()
        let ear = Ear()

        init() throws {
            try channel.pipeline.syncOperations.addHandlers([ConnectionWarden(), ear])
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func request(whole: Bool = true) throws {
            try channel.writeInbound(
                HTTPRequestPart.head(.init(method: .get, scheme: "http", authority: "a", path: "/")))
            if whole { try channel.writeInbound(HTTPRequestPart.end(nil)) }
        }

        func answer() throws -> String? {
            try channel.writeOutbound(HTTPResponsePart.head(.init(status: .ok)))
            try channel.writeOutbound(HTTPResponsePart.end(nil))
            guard case .head(let head)? = try channel.readOutbound(as: HTTPResponsePart.self) else { return nil }
            _ = try channel.readOutbound(as: HTTPResponsePart.self)
            return head.headerFields[.connection]
        }

        func stop() { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        func pass(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }
    }

    @Test func `who says nothing, or stops in the middle, is cut off`() throws {
        let silent = try Connection()
        silent.pass(9)
        #expect(silent.channel.isActive)
        silent.pass(1)
        #expect(!silent.channel.isActive)

        let slow = try Connection()
        try slow.request(whole: false)
        slow.pass(19)
        #expect(slow.channel.isActive)
        slow.pass(1)
        #expect(!slow.channel.isActive)
    }

    @Test func `the broker's own work takes as long as it takes, and then the connection may rest a while`() throws {
        let connection = try Connection()
        try connection.request()
        connection.pass(600)
        #expect(connection.channel.isActive)
        #expect(try connection.answer() == nil)
        connection.pass(59)
        #expect(connection.channel.isActive)
        connection.pass(1)
        #expect(!connection.channel.isActive)
    }

    @Test func `a connection that rests when the broker stops is given a moment`() throws {
        let connection = try Connection()
        connection.stop()
        #expect(connection.ear.heard == 0)
        connection.pass(1)
        #expect(connection.ear.heard == 1)
    }

    @Test func `a request that comes in that moment is answered, and told that it was the last`() throws {
        let connection = try Connection()
        connection.stop()
        try connection.request()
        #expect(connection.ear.heard == 1)
        connection.pass(5)
        #expect(connection.channel.isActive && connection.ear.heard == 1)
        #expect(try connection.answer() == "close")
    }

    @Test func `a request that runs when the broker stops is answered, and told that it was the last`() throws {
        let connection = try Connection()
        try connection.request()
        connection.stop()
        #expect(connection.ear.heard == 1)
        #expect(try connection.answer() == "close")
    }
}
