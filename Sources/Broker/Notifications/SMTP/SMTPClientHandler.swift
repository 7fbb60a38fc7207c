import NIOCore
import NIOSSL
import NIOTLS

/// Carries an ``SMTPDialogue`` over a connection, and says exactly once how it ended: with whom the server refuses, or a failure.
final class SMTPClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var dialogue: SMTPDialogue
    private var reader = SMTPReplyReader()
    private let tls: NIOSSLContext?
    private let name: String?
    private let timeout: TimeAmount
    private let outcome: EventLoopPromise<[SMTPDialogue.Refusal]>
    private var isOver = false
    private var isAwaitingHandshake = false

    init(
        _ dialogue: SMTPDialogue, tls: NIOSSLContext?, name: String?, timeout: TimeAmount,
        outcome: EventLoopPromise<[SMTPDialogue.Refusal]>
    ) {
        self.dialogue = dialogue
        self.tls = tls
        self.name = name
        self.timeout = timeout
        self.outcome = outcome
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let deadline = context.eventLoop.scheduleTask(in: timeout) {
            bound.value.handler.end(bound.value.context, DeliveryFailure("the mail server took too long"))
        }
        outcome.futureResult.whenComplete { _ in deadline.cancel() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for byte in unwrapInboundIn(data).readableBytesView where !isOver {
            do throws(DeliveryFailure) {
                // What came before TLS must not be taken for what comes under it (CVE-2011-0411).
                guard !isAwaitingHandshake else { throw DeliveryFailure("the mail server went on before TLS") }
                guard let reply = try reader.reply(completedBy: byte) else { continue }
                try follow(dialogue.next(after: reply), context)
            } catch {
                if !isAwaitingHandshake { quit(context) }
                end(context, error)
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, isAwaitingHandshake {
            isAwaitingHandshake = false
            if case .send(let bytes) = dialogue.tlsEstablished() { send(bytes, context) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(context, DeliveryFailure("the connection to the mail server broke: \(type(of: error))"))
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(context, DeliveryFailure("the mail server closed the connection"))
    }

    private func follow(_ action: SMTPDialogue.Action, _ context: ChannelHandlerContext) throws(DeliveryFailure) {
        switch action {
        case .send(let bytes): send(bytes, context)
        case .startTLS:
            isAwaitingHandshake = true
            do {
                guard let tls else { throw DeliveryFailure("TLS is not set up") }
                try context.pipeline.syncOperations.addHandler(
                    NIOSSLClientHandler(context: tls, serverHostname: name), position: .first)
            } catch {
                throw DeliveryFailure("TLS can't be started: \(type(of: error))")
            }
        case .done:
            quit(context)
            end(context, nil)
        }
    }

    /// Whatever the server has not been given whole by then, it drops (RFC 5321 section 4.1.1.10).
    private func quit(_ context: ChannelHandlerContext) { send(Array("QUIT\r\n".utf8), context) }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    private func end(_ context: ChannelHandlerContext, _ failure: DeliveryFailure?) {
        guard !isOver else { return }
        isOver = true
        if let failure { outcome.fail(failure) } else { outcome.succeed(dialogue.refusals) }
        context.close(promise: nil)
    }
}
