import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import NIOSSL

/// How the broker takes a connection: counted, over TLS if so configured, HTTP/1.1, with limits on size and time.
struct EdgeChannel: HTTPChannelHandler {
    typealias Value = HTTP1Channel.Value

    /// Of all header fields of a request; a token has at most 16 KiB.
    static let longestHead = 32 * 1024

    private let base: HTTP1Channel
    private let edge: BrokerEdge
    private let metrics: BrokerMetrics

    init(edge: BrokerEdge, metrics: BrokerMetrics, responder: @escaping HTTPChannelHandler.Responder) {
        self.edge = edge
        self.metrics = metrics
        base = HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionWarden()],
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: Self.longestHead, maxHeaderListSize: Self.longestHead,
                    maxHeaderFieldCount: 128)))
    }

    var responder: HTTPChannelHandler.Responder { base.responder }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        guard edge.connections.admit(channel) else {
            metrics.limited(by: "connections")
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(TooManyConnections())
        }
        guard let tls = edge.tls else { return base.setup(channel: channel, logger: logger) }
        return channel.eventLoop.makeCompletedFuture { [edge] in
            let operations = channel.pipeline.syncOperations
            try operations.addHandler(NIOSSLServerHandler(context: tls.context))
            try operations.addHandler(
                ClientCertificateHandler { edge.connections.setCertificate($0, of: channel) })
        }.flatMap { [base] in base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

/// A connection was closed at once.
private struct TooManyConnections: Error {}
