import CallerIdentity
import Logging
import MetadataServer
import NIOCore
import NIOHTTP1
import NIOPosix

/// Opens the control socket and serves it.
struct ControlListener: Sendable {
    private let service: ControlService
    private let resolver: CallerResolver
    private let logger: Logger

    init(service: ControlService, resolver: CallerResolver, logger: Logger) {
        self.service = service
        self.resolver = resolver
        self.logger = logger
    }

    /// - Parameter mode: the socket file's; the uid of each connection is checked all the same.
    func bind(path: String, mode: UInt32, on group: any EventLoopGroup) async throws(ListenerError) -> BoundControl {
        let file = try UnixSocketFile(listener: "control", path: path, mode: mode)
        let bootstrap = ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                resolver.caller(ofAccepted: channel).flatMapThrowing { caller in
                    let operations = channel.pipeline.syncOperations
                    try operations.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: true)
                    try operations.addHandler(ControlHandler(service: service, caller: caller, logger: logger))
                }
            }
        do {
            return BoundControl(channel: try await bootstrap.withBoundSocket(file.descriptor).get(), file: file)
        } catch {
            file.remove()
            throw .refused(listener: "control", address: path, reason: "\(error)")
        }
    }
}

/// The open control socket.
struct BoundControl: Sendable {
    let channel: any Channel
    let file: UnixSocketFile

    func close() async {
        file.remove()
        try? await channel.close()
    }
}
