import CallerIdentity
import FoundationEssentials
import Logging
import MetadataServer
import NIOCore
import Systemd

/// Opens the listeners for SDKs, and closes them again.
struct ListenerOpening: Sendable {
    let current: CurrentSettings
    let passed: PassedSockets
    let service: MetadataService
    /// `nil` if nobody watches.
    let monitoring: Monitoring?
    let logger: Logger
    let now: @Sendable () -> Date

    private var settings: DaemonSettings { current.value }

    /// Binds all of them, but for those that may be left out; if one can't be had, none stays open.
    func bindAll() async throws -> [BoundListener] {
        let resolver = CallerResolver()
        let callerConnections = CallerConnections(
            most: settings.connectionsPerUser
                ?? DaemonSettings.defaultConnectionsPerUser(descriptors: DescriptorLimit.current))
        let callerRequests = CallerRequests(perSecond: settings.requestsPerSecond)
        let callerLogLines = CallerLogLines()
        let loop = try ServingLoop()
        var bound: [BoundListener] = []
        do throws(ListenerError) {
            for listener in settings.listeners {
                let configuration = try ListenerConfiguration(listener)
                let serving = MetadataListener(
                    configuration: configuration, service: service, resolver: resolver,
                    callerConnections: callerConnections, callerRequests: callerRequests,
                    callerLogLines: callerLogLines, observer: monitoring?.observer, logger: logger, now: now)
                let socket = listener.passedAddress.flatMap(passed.take)
                guard
                    let opened = try open(
                        serving, on: loop, passed: socket?.descriptor, isOptional: listener.isOptional)
                else { continue }
                bound.append(opened)
                logger.info(
                    socket == nil ? "listening" : "listening on a passed socket",
                    metadata: [
                        "listener": "\(opened.name)", "face": "\(listener.face.rawValue)", "address": "\(opened.text)",
                    ])
            }
        } catch {
            await bound.close(within: ListenerService.drainLimit)
            throw error
        }
        return bound
    }

    /// `nil` if the address can't be had and need not be.
    private func open(
        _ listener: MetadataListener, on loop: ServingLoop, passed: CInt?, isOptional: Bool
    ) throws(ListenerError) -> BoundListener? {
        do throws(ListenerError) {
            return try listener.bind(on: loop, passed: passed)
        } catch {
            guard isOptional else { throw error }
            logger.warning("optional listener left out", metadata: ["reason": "\(error)"])
            return nil
        }
    }
}

extension DaemonConfiguration.Listener {
    /// Where the service manager would have bound it; `nil` without a fixed port.
    fileprivate var passedAddress: PassedSocket.Address? {
        if let unix { return .file(unix) }
        guard let address = address.flatMap({ SocketText($0)?.address }), let host = address.ipAddress,
            let port = address.port, port != 0
        else { return nil }
        return .internet(host: host, port: port)
    }
}

extension BoundListener {
    /// `127.0.0.1:80`, `[::1]:80` or a socket's path.
    var text: String { address.place }
}

extension [BoundListener] {
    /// Stops accepting on all of them, and lets running requests end within `limit`.
    func close(within limit: Duration) async {
        await withDiscardingTaskGroup { group in
            for listener in self { group.addTask { await listener.close(within: limit) } }
        }
    }
}
