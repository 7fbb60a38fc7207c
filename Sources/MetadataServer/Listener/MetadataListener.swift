package import CallerIdentity
package import FoundationEssentials
import Glibc
package import Logging
import NIOCore

/// Opens one address and serves it.
package struct MetadataListener: Sendable {
    let configuration: ListenerConfiguration
    private let service: MetadataService
    private let resolver: CallerResolver
    private let callerConnections: CallerConnections
    private let callerRequests: CallerRequests
    private let callerLogLines: CallerLogLines
    private let observer: (any RequestObserver)?
    private let logger: Logger
    private let now: @Sendable () -> Date

    package init(
        configuration: ListenerConfiguration, service: MetadataService, resolver: CallerResolver,
        callerConnections: CallerConnections, callerRequests: CallerRequests, callerLogLines: CallerLogLines,
        observer: (any RequestObserver)? = nil, logger: Logger,
        now: @escaping @Sendable () -> Date
    ) {
        self.configuration = configuration
        self.service = service
        self.resolver = resolver
        self.callerConnections = callerConnections
        self.callerRequests = callerRequests
        self.callerLogLines = callerLogLines
        self.observer = observer
        self.logger = logger
        self.now = now
    }

    /// Binds, and has `loop` accept and serve.
    /// - Parameter passed: a socket that the service manager has bound to the configured address; it is adopted instead.
    package func bind(on loop: ServingLoop, passed: CInt? = nil) throws(ListenerError) -> BoundListener {
        switch configuration.address {
        case .tcp(let host, let port):
            guard (0...65535).contains(port), let wanted = try? SocketAddress(ipAddress: host, port: port) else {
                throw .invalidAddress(listener: configuration.name, address: "\(host) port \(port)")
            }
            do throws(SystemCallFailure) {
                let socket = try ListeningSocket(on: wanted, passed: passed, hopLimit: configuration.hopLimit)
                return BoundListener(self, socket, socketFile: nil, on: loop)
            } catch {
                throw failure(error, address: "\(host) port \(port)")
            }
        case .unix(let path, let mode):
            let file = try socketFile(path, mode: mode, passed: passed)
            do throws(SystemCallFailure) {
                return BoundListener(self, try ListeningSocket(on: file), socketFile: file, on: loop)
            } catch {
                file.discard()
                throw failure(error, address: path)
            }
        }
    }

    private func socketFile(_ path: String, mode: UInt32, passed: CInt?) throws(ListenerError) -> UnixSocketFile {
        if let passed { return UnixSocketFile(passed: passed, path: path) }
        return try UnixSocketFile(
            listener: configuration.name, path: path, mode: mode, group: configuration.socketGroup)
    }

    private func failure(_ failure: SystemCallFailure, address: String) -> ListenerError {
        if failure.code == EADDRINUSE { return .inUse(listener: configuration.name, address: address) }
        return .refused(listener: configuration.name, address: address, reason: failure.text)
    }
}

/// What becomes of a connection that was accepted. Everything here happens on the loop's thread.
extension MetadataListener {
    enum Welcome {
        /// Close it unheard.
        case dropped
        case served(ObservedCaller, refusal: MetadataError?)
        /// What rules or records ask about the caller must be found out first.
        case observed(Result<Caller, UnknownCaller>, CallerDetail)
    }

    /// Counts a connection, to be released with ``release(_:)`` whatever comes of it.
    func welcome(_ socket: AcceptedSocket) -> (countedFor: CallerOrigin?, Welcome) {
        let caller = resolver.caller(of: socket)
        let origin = service.accountable(caller, listener: configuration.name)
        switch callerConnections.admit(origin) {
        case .dropped:
            observer?.dropped()
            return (origin, .dropped)
        case .refused: return (origin, .served(ObservedCaller(caller), refusal: .tooManyConnections))
        case .admitted:
            // Looked up only if it is worth having.
            let detail = service.detail(for: caller, listener: configuration.name)
            guard resolver.mustObserve(caller, detail: detail, noting: noting) else {
                return (origin, .served(ObservedCaller(caller), refusal: nil))
            }
            return (origin, .observed(caller, detail))
        }
    }

    /// Calls `then`, on any thread, at most once.
    func observe(
        _ caller: Result<Caller, UnknownCaller>, of socket: AcceptedSocket, detail: CallerDetail, by end: NIODeadline,
        then: @escaping @Sendable (ObservedCaller) -> Void
    ) {
        resolver.observe(caller, of: socket, detail: detail, noting: noting, by: end, then: then)
    }

    /// The connection is closed, because what had to be found out about its caller took too long.
    func logLateLookUp(of origin: CallerOrigin?) {
        let log = ConnectionLog(
            logger: logger, listener: configuration.name, origin: origin, countedFor: origin, lines: callerLogLines)
        log.record(.callerRefused(UnknownCaller.lookedUpTooLate.description), target: nil, at: .now())
    }

    func release(_ origin: CallerOrigin?) {
        callerConnections.release(origin)
    }

    func connection(
        of caller: ObservedCaller, countedFor origin: CallerOrigin?, refusal: MetadataError?,
        in context: ListenerContext
    ) -> HTTPConnection {
        HTTPConnection(
            service: service, caller: caller, countedFor: origin, listener: context, configuration: configuration,
            refusal: refusal, callerRequests: callerRequests, callerLogLines: callerLogLines,
            observer: observer?.connected(
                ObservedConnection(caller: caller, listener: configuration.name, face: configuration.face)),
            logger: logger, uptime: { NIODeadline.now() }, now: now)
    }

    var source: any CredentialSource { service.source }

    private var noting: ProcessNoting { observer?.noting ?? .nobody }
}
