import Glibc
import Logging
import MetadataServer
import NIOCore
import NIOHTTP1
import NIOPosix

/// Serves metrics and health on a loopback address, to anybody on this machine.
struct MonitoringListener: Sendable {
    let pages: MonitoringPages
    let logger: Logger

    /// - Parameter text: of a checked setting, `ADDRESS:PORT`.
    func bind(to text: String, on group: any EventLoopGroup) async throws(ListenerError) -> BoundMonitoring {
        guard let socket = SocketText(text) else { throw .invalidAddress(listener: "metrics", address: text) }
        let connections = ControlConnections()
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer(AcceptPause.add)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.admit(channel, of: nil) else { throw TooManyConnections() }
                    let operations = channel.pipeline.syncOperations
                    try operations.configureHTTPServerPipeline(
                        withPipeliningAssistance: true, withErrorHandling: false)
                    let hosts = Self.hosts(host: socket.host, port: channel.localAddress?.port)
                    try operations.addHandler(ControlHandler(pages: pages, hosts: hosts, logger: logger))
                }
            }
        do {
            let channel = try await bootstrap.bind(to: socket.address).get()
            return BoundMonitoring(channel: channel, connections: connections)
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw .inUse(listener: "metrics", address: text)
        } catch {
            throw .refused(listener: "metrics", address: text, reason: "\(error)")
        }
    }

    /// The values of `Host` that name the address.
    private static func hosts(host: String, port: Int?) -> Set<String> {
        let host = host.contains(":") ? "[\(host)]" : host
        return Set([host, "localhost"].flatMap { [$0, "\($0):\(port ?? 0)"] })
    }
}

/// The open metrics address.
struct BoundMonitoring: Sendable {
    let channel: any Channel
    let connections: ControlConnections

    /// `127.0.0.1:9465`, with the port that was taken for port 0.
    var text: String {
        let host = channel.localAddress?.ipAddress ?? ""
        return "\(host.contains(":") ? "[\(host)]" : host):\(channel.localAddress?.port ?? 0)"
    }

    /// Stops accepting, lets running requests end within `limit`, and returns when no connection is left.
    func close(within limit: Duration) async {
        try? await channel.close()
        await connections.drain(within: TimeAmount(limit), on: channel.eventLoop)
    }
}
