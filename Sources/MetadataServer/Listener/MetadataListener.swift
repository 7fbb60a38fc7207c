package import CallerIdentity
package import FoundationEssentials
import Glibc
package import Logging
package import NIOCore
import NIOPosix

/// Opens one address and serves it.
package struct MetadataListener: Sendable {
    let configuration: ListenerConfiguration
    private let service: MetadataService
    private let resolver: CallerResolver
    private let callerConnections: CallerConnections
    private let callerRequests: CallerRequests
    private let observer: (any RequestObserver)?
    private let logger: Logger
    private let now: @Sendable () -> Date

    package init(
        configuration: ListenerConfiguration, service: MetadataService, resolver: CallerResolver,
        callerConnections: CallerConnections, callerRequests: CallerRequests,
        observer: (any RequestObserver)? = nil, logger: Logger,
        now: @escaping @Sendable () -> Date
    ) {
        self.configuration = configuration
        self.service = service
        self.resolver = resolver
        self.callerConnections = callerConnections
        self.callerRequests = callerRequests
        self.observer = observer
        self.logger = logger
        self.now = now
    }

    /// Binds and starts to accept.
    /// - Parameter passed: a socket that the service manager has bound to the configured address; it is adopted instead.
    package func bind(
        on group: any EventLoopGroup, passed: CInt? = nil
    ) async throws(ListenerError) -> BoundListener {
        let connections = ConnectionRegistry()
        let bootstrap = bootstrap(on: group, connections)
        switch configuration.address {
        case .tcp(let host, let port):
            return try await bind(bootstrap, host: host, port: port, passed: passed, connections)
        case .unix(let path, let mode):
            let file =
                if let passed {
                    UnixSocketFile(passed: passed, path: path)
                } else {
                    try UnixSocketFile(
                        listener: configuration.name, path: path, mode: mode, group: configuration.socketGroup)
                }
            return try await bind(bootstrap, file, path: path, connections)
        }
    }

    private func bootstrap(on group: any EventLoopGroup, _ connections: ConnectionRegistry) -> ServerBootstrap {
        let contexts = ListenerContexts(configuration)
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelInitializer(AcceptPause.add)
            .childChannelInitializer { channel in accept(channel, contexts, connections) }
    }

    /// Fails if the connection is not worth having. Over TCP, where the kernel is asked at once, nothing here waits or takes the
    /// detour of a future: a sidecar's clients connect anew for each request.
    private func accept(
        _ channel: any Channel, _ contexts: ListenerContexts, _ connections: ConnectionRegistry
    ) -> EventLoopFuture<Void> {
        // One read per turn of the loop, of at most 4 KiB: an SDK's request fits, a flood of pipelined ones must wait
        // until those before are answered. Set here, as options of the bootstrap cost several times as much.
        do {
            try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
            try channel.syncOptions?.setOption(.recvAllocator, value: Self.receiveAllocator)
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        if let caller = resolver.callerAtOnce(ofAccepted: channel) {
            return admit(channel, caller, contexts, connections)
        }
        return resolver.caller(ofAccepted: channel).flatMap { admit(channel, $0, contexts, connections) }
    }

    private static let receiveAllocator = FixedSizeRecvByteBufferAllocator(capacity: 4096)

    /// What accepted sockets inherit from the listening one (tcp(7), ip(7)) is set there, once.
    private func bind(
        _ bootstrap: ServerBootstrap, host: String, port: Int, passed: CInt?, _ connections: ConnectionRegistry
    ) async throws(ListenerError) -> BoundListener {
        guard (0...65535).contains(port), let wanted = try? SocketAddress(ipAddress: host, port: port) else {
            throw .invalidAddress(listener: configuration.name, address: "\(host) port \(port)")
        }
        let isIPv6 = wanted.protocol == .inet6
        let hopLimit = ChannelOptions.Types.SocketOption(
            level: isIPv6 ? .ipv6 : .ip, name: NIOBSDSocket.Option(rawValue: isIPv6 ? IPV6_UNICAST_HOPS : IP_TTL))
        do {
            let bootstrap =
                bootstrap
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(hopLimit, value: ChannelOptions.Types.SocketOption.Value(configuration.hopLimit))
            let channel =
                if let passed {
                    try await bootstrap.withBoundSocket(passed).get()
                } else {
                    try await bootstrap.bind(to: wanted).get()
                }
            // For an adopted socket NIO listens with a backlog of its own; a second listen(2) corrects it.
            if let passed { listen(passed, Self.backlog) }
            return BoundListener(
                name: configuration.name, channel: channel, address: channel.localAddress ?? wanted, socketFile: nil,
                connections: connections)
        } catch {
            throw failure(error, address: "\(host) port \(port)")
        }
    }

    private func bind(
        _ bootstrap: ServerBootstrap, _ file: UnixSocketFile, path: String, _ connections: ConnectionRegistry
    ) async throws(ListenerError) -> BoundListener {
        do {
            let address = try SocketAddress(unixDomainSocketPath: path)
            let channel = try await bootstrap.withBoundSocket(file.descriptor).get()
            // For an adopted socket NIO listens with a backlog of its own; a second listen(2) corrects it.
            listen(file.descriptor, Self.backlog)
            return BoundListener(
                name: configuration.name, channel: channel, address: address, socketFile: file, connections: connections
            )
        } catch {
            file.remove()
            throw failure(error, address: path)
        }
    }

    /// What rules ask about the process of a connection is looked up only if it is worth having.
    private func admit(
        _ channel: any Channel, _ caller: Result<Caller, UnknownCaller>, _ contexts: ListenerContexts,
        _ connections: ConnectionRegistry
    ) -> EventLoopFuture<Void> {
        let origin = service.accountable(caller, listener: configuration.name)
        let admission = callerConnections.admit(origin)
        connections.add(channel)
        channel.closeFuture.whenComplete { _ in
            callerConnections.release(origin)
            connections.remove(channel)
        }
        @Sendable func begin(_ caller: ObservedCaller, refusal: MetadataError? = nil) throws {
            try channel.pipeline.syncOperations.addHandler(
                connection(on: channel, caller: caller, countedFor: origin, refusal: refusal, contexts))
            connections.isReady(channel)
        }
        switch admission {
        case .dropped:
            observer?.dropped()
            return channel.eventLoop.makeFailedFuture(ConnectionDropped())
        case .refused:
            return channel.eventLoop.makeCompletedFuture {
                try begin(ObservedCaller(caller), refusal: .tooManyConnections)
            }
        case .admitted:
            let detail = service.detail(for: caller, listener: configuration.name)
            let noting = observer?.noting ?? .nobody
            guard resolver.mustObserve(caller, detail: detail, noting: noting) else {
                return channel.eventLoop.makeCompletedFuture { try begin(ObservedCaller(caller)) }
            }
            return resolver.observe(caller, ofAccepted: channel, detail: detail, noting: noting)
                .flatMapThrowing { try begin($0) }
        }
    }

    private func connection(
        on channel: any Channel, caller: ObservedCaller, countedFor origin: CallerOrigin?, refusal: MetadataError?,
        _ contexts: ListenerContexts
    ) -> HTTPConnection {
        HTTPConnection(
            service: service, caller: caller, countedFor: origin, listener: contexts.context(of: channel),
            configuration: configuration,
            refusal: refusal, callerRequests: callerRequests,
            observer: observer?.connected(
                ObservedConnection(caller: caller, listener: configuration.name, face: configuration.face)),
            logger: logger, now: now)
    }

    private func failure(_ error: any Error, address: String) -> ListenerError {
        guard let error = error as? IOError else {
            return .refused(listener: configuration.name, address: address, reason: "\(error)")
        }
        if error.errnoCode == EADDRINUSE { return .inUse(listener: configuration.name, address: address) }
        return .refused(
            listener: configuration.name, address: address, reason: String(cString: strerror(error.errnoCode)))
    }

    private static let backlog: CInt = 1024
}
