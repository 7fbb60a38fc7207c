import CallerIdentity
import Logging
import MetadataServer
import NIOCore
import NIOHTTP1
import NIOPosix

/// Serves the control socket.
struct ControlListener: Sendable {
    private let service: ControlService
    private let resolver: CallerResolver
    private let logger: Logger

    init(service: ControlService, resolver: CallerResolver, logger: Logger) {
        self.service = service
        self.resolver = resolver
        self.logger = logger
    }

    /// Starts to accept on a socket that is bound already. The uid of each connection is checked, whatever the mode of
    /// the file.
    func listen(on file: UnixSocketFile, of group: any EventLoopGroup) async throws(ListenerError) -> BoundControl {
        let connections = ControlConnections()
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelInitializer(AcceptPause.add)
            .childChannelInitializer { channel in
                let caller = resolver.caller(ofAccepted: channel)
                guard connections.admit(channel, of: caller.origin) else {
                    return channel.eventLoop.makeFailedFuture(TooManyConnections())
                }
                return resolver.observe(caller, ofAccepted: channel, detail: service.detail(for: caller))
                    .flatMapThrowing { caller in
                        let operations = channel.pipeline.syncOperations
                        // What can't be parsed is answered by our own handler, which knows whether an answer is still in order.
                        try operations.configureHTTPServerPipeline(
                            withPipeliningAssistance: true, withErrorHandling: false)
                        try operations.addHandler(
                            ControlHandler(service: service, caller: caller.current(), logger: logger))
                    }
            }
        do {
            let channel = try await bootstrap.withBoundSocket(file.descriptor).get()
            return BoundControl(channel: channel, file: file, connections: connections)
        } catch {
            file.remove()
            throw .refused(listener: "control", address: file.path, reason: "\(error)")
        }
    }
}

/// The open control socket.
struct BoundControl: Sendable {
    let channel: any Channel
    let file: UnixSocketFile
    let connections: ControlConnections

    /// Stops accepting, lets running requests end within `limit`, and returns when no connection is left.
    func close(within limit: Duration) async {
        file.remove()
        try? await channel.close()
        await connections.drain(within: TimeAmount(limit), on: channel.eventLoop)
    }
}
