import NIOCore
import NIOSSL
import Synchronization
import TestSupport

/// A mail server on a free port of 127.0.0.1 that answers each of a client's lines as a test scripts it.
struct ScriptedMailServer: Sendable {
    enum Step: Sendable {
        /// These bytes, at once.
        case answer(String)
        /// These bytes in clear, at once, and from then on TLS.
        case startTLS(String)
        /// Nothing comes.
        case silence
    }

    let port: Int
    private let log: Log

    /// What clients have said, line by line, with "(tls) " before what they said under TLS. Of messages only the dots
    /// at their ends.
    var lines: [String] { log.lines.withLock { $0 } }

    /// How many connections are open.
    var connections: Int { log.connections.withLock { $0 } }

    fileprivate final class Log: Sendable {
        let lines = Mutex<[String]>([])
        let connections = Mutex(0)
    }

    /// Serves while `body` runs. `script` gets each line, and an empty one when a client has connected.
    /// - Parameters:
    ///   - tls: whose certificate it presents, where there is TLS.
    ///   - isSecure: whether there is from the first byte on.
    static func running<Result>(
        tls: NIOSSLContext? = nil, isSecure: Bool = false, _ script: @escaping @Sendable (String) -> Step,
        _ body: (ScriptedMailServer) async throws -> Result
    ) async throws -> Result {
        let log = Log()
        return try await TestListener.running { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                if isSecure, let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                try pipeline.addHandler(
                    ScriptedMailHandler(log: log, tls: tls, isSecure: isSecure, script: script))
            }
        } _: { listener in
            try await body(ScriptedMailServer(port: listener.port, log: log))
        }
    }

    /// Offers STARTTLS and takes every password and message.
    @Sendable static func obliging(_ line: String) -> Step {
        switch line.prefix(4) {
        case "": .answer("220 mail\r\n")
        case "EHLO": .answer("250-mail\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")
        case "STAR": .startTLS("220 go\r\n")
        case "AUTH": .answer("235 ok\r\n")
        case "DATA": .answer("354 go\r\n")
        default: .answer("250 ok\r\n")
        }
    }
}

/// Takes lines, and plays the script's steps.
private final class ScriptedMailHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let log: ScriptedMailServer.Log
    private let tls: NIOSSLContext?
    private let script: @Sendable (String) -> ScriptedMailServer.Step
    private var isSecure: Bool
    private var isTakingMessage = false
    private var text = ""

    init(
        log: ScriptedMailServer.Log, tls: NIOSSLContext?, isSecure: Bool,
        script: @escaping @Sendable (String) -> ScriptedMailServer.Step
    ) {
        self.log = log
        self.tls = tls
        self.isSecure = isSecure
        self.script = script
    }

    func channelActive(context: ChannelHandlerContext) {
        log.connections.withLock { $0 += 1 }
        play(script(""), context)
    }

    func channelInactive(context: ChannelHandlerContext) { log.connections.withLock { $0 -= 1 } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        while let end = text.firstIndex(of: "\r\n") {
            let line = String(text[..<end])
            text = String(text[text.index(after: end)...])
            if isTakingMessage, line != "." { continue }
            isTakingMessage = false
            log.lines.withLock { $0.append(isSecure ? "(tls) \(line)" : line) }
            play(script(line), context)
        }
    }

    /// A client that refuses the certificate ends the handshake with an error.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func play(_ step: ScriptedMailServer.Step, _ context: ChannelHandlerContext) {
        switch step {
        case .answer(let text):
            isTakingMessage = text.hasPrefix("354")
            write(text, context)
        case .startTLS(let text):
            write(text, context)
            guard let tls else { return context.close(promise: nil) }
            isSecure = true
            try? context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first)
        case .silence: break
        }
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
