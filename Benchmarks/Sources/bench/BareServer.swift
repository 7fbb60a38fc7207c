import ArgumentParser
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Subprocess

/// What nobody can be faster than with SwiftNIO: a process that parses requests and answers fixed bytes.
struct BareServer: Sendable {
    let pid: Int32
    private let port: Int

    static func running(answering answer: String, _ body: @Sendable (BareServer) async throws -> Void) async throws {
        _ = try await Subprocess.run(
            .name("env"), arguments: [CommandLine.arguments[0], "baseline"],
            environment: .inherit.updating(["BENCH_ANSWER": answer]),
            input: .none, output: .sequence, error: .currentStandardError
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            guard let line = try await lines.next(), let port = Int(line.filter(\.isNumber)) else {
                throw NotReady(what: "the bare server")
            }
            let pid = execution.processIdentifier.value
            defer { kill(pid, SIGTERM) }
            try await body(BareServer(pid: pid, port: port))
        }
    }

    func target(for scenario: Scenario) -> Target {
        // As long a request as the daemon gets.
        Target(
            port: port, path: "/role/developer", headers: [("Authorization", String(repeating: "x", count: 43))],
            keepsAlive: scenario.keepsAlive)
    }
}

/// `bench baseline`: the bare server itself.
struct BaselineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baseline", abstract: "Serve $BENCH_ANSWER on a free port until killed.", shouldDisplay: false)

    func run() async throws {
        let answer = ByteBuffer(string: ProcessInfo.processInfo.environment["BENCH_ANSWER"] ?? "")
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(HTTPRequestDecoder()), FixedAnswer(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        print(server.localAddress?.port ?? 0)
        fflush(nil)
        try await server.closeFuture.get()
    }
}

private final class FixedAnswer: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let answer: ByteBuffer
    private var closes = false

    init(_ answer: ByteBuffer) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head): closes = !head.isKeepAlive
        case .body: break
        case .end:
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            let written = context.writeAndFlush(Self.wrapOutboundOut(answer))
            if closes { written.whenComplete { _ in bound.value.close(promise: nil) } }
        }
    }
}
