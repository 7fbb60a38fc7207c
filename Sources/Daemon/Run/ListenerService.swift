import CallerIdentity
import CredentialCache
import DaemonAPI
import FoundationEssentials
import Glibc
import Logging
import MetadataServer
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Systemd
import UnixSignals

/// Opens every listener and the control socket, and closes them again: all of them or none.
struct ListenerService: Service {
    /// How long running requests may take to end after SIGTERM.
    private static let drainLimit = Duration.seconds(5)

    private let current: CurrentSettings
    private let signIns: SignInStore
    private let cache: CredentialCache
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let passed: PassedSockets
    /// Then the control socket's mode is the service manager's business.
    private let isControlPassed: Bool
    private let manager: ServiceManager
    let tokenFiles: TokenFiles
    private let callers: CallerState
    private let policyLists: PolicyLists?
    private let metadata: MetadataService
    /// `nil` if nobody watches.
    private let monitoring: Monitoring?

    init(
        settings current: CurrentSettings, callers: CallerState, signIns: SignInStore,
        cache: CredentialCache, policyLists: PolicyLists? = nil, passed: PassedSockets = PassedSockets([]),
        manager: ServiceManager = ServiceManager(environment: [:]), monitoring: Monitoring? = nil, logger: Logger,
        now: @escaping @Sendable () -> Date
    ) {
        self.current = current
        self.passed = passed
        isControlPassed = passed.left.contains { $0.address == .file(current.value.controlSocket) }
        self.manager = manager
        self.monitoring = monitoring
        self.signIns = signIns
        self.cache = cache
        self.logger = logger
        self.now = now
        let settings = current.value
        self.callers = callers
        self.policyLists = policyLists
        tokenFiles = TokenFiles(directory: settings.tokenDirectory, tokens: callers.containerTokens)
        metadata = MetadataService(
            source: cache, rules: settings.compiledRules, callers: callers, facts: settings.facts,
            startedAt: now())
        current.follow { [metadata] settings in
            metadata.replace(rules: settings.compiledRules, facts: settings.facts, at: now())
        }
    }

    private var settings: DaemonSettings { current.value }

    /// Puts new settings in force. Nothing has changed when it throws.
    func adopt(_ new: DaemonSettings, insteadOf old: DaemonSettings) throws(TokenFileFault) {
        let (users, before) = (new.namedUsers, old.namedUsers)
        try tokenFiles.write(forUsers: users.subtracting(before))
        current.replace(with: new)
        tokenFiles.remove(forUsers: before.subtracting(users))
        if !isControlPassed { chmod(new.controlSocket, controlMode(new)) }
    }

    func run() async throws {
        let bound = try await bindAll()
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let delay = ShutdownDelay(settings.shutdownDelay, clock: ContinuousClock())
        let selfCheck = SelfCheck(bound.first?.address, manager: manager, clock: ContinuousClock(), logger: logger)
        try await withThrowingTaskGroup { group in
            group.addTask { await cutOff(bound, delay, atSecondOf: signals) }
            defer { group.cancelAll() }
            do {
                try await serve(bound, delay, checkedBy: selfCheck)
            } catch {
                await close(bound)
                throw error
            }
            await close(bound)
        }
    }

    /// The first signal lets others end first, and running requests, for which the second one does not wait.
    private func cutOff(
        _ bound: [BoundListener], _ delay: ShutdownDelay<ContinuousClock>, atSecondOf signals: UnixSignalsSequence
    ) async {
        var count = 0
        for await _ in signals {
            count += 1
            guard count > 1 else { continue }
            logger.warning("stopping at once")
            delay.cutShort()
            for listener in bound { listener.cutOff() }
        }
    }

    /// A check that nobody answers any more must not hold up the end, so it ends first.
    private func serve(
        _ bound: [BoundListener], _ delay: ShutdownDelay<ContinuousClock>, checkedBy check: SelfCheck<ContinuousClock>?
    ) async throws {
        try await withThrowingTaskGroup { group in
            if let check { group.addTask { await check.run() } }
            defer { group.cancelAll() }
            try await serve(bound, delay)
        }
    }

    /// Serves until the daemon is told to stop, and the delay after that.
    private func serve(_ bound: [BoundListener], _ delay: ShutdownDelay<ContinuousClock>) async throws {
        // Taken before a token is written: a second daemon with this configuration ends here, and the first one's tokens
        // stay as they are.
        let socket = try controlSocket()
        do throws(TokenFileFault) {
            try tokenFiles.write(forUsers: settings.namedUsers)
        } catch {
            socket.discard()
            throw error
        }
        defer { tokenFiles.removeAll() }
        let control = try await openControl(socket, bound)
        let watched = try await openMonitoring(beside: control)
        for socket in passed.left {
            logger.warning(
                "socket passed for nobody",
                metadata: ["address": "\(socket.address)", "name": "\(socket.name)", "advice": "add a listener for it"])
        }
        logger.info("ready", metadata: ["listeners": "\(bound.count)", "control_socket": "\(settings.controlSocket)"])
        manager.ready(status: statusLine)
        monitoring?.health.setServing(true)
        try? await gracefulShutdown()
        monitoring?.health.setServing(false)
        manager.stopping()
        if delay.duration > .zero { logger.info("stopping later", metadata: ["after": "\(delay.duration)"]) }
        await delay.pass()
        logger.info("stopping")
        await control.close(within: Self.drainLimit)
        await watched?.close(within: Self.drainLimit)
    }

    /// For `systemctl status`.
    var statusLine: String {
        let others = settings.callerRules.contains(where: \.includesPolicies) ? ["what the broker lists"] : []
        let roles = settings.roles.map(\.name) + others
        return
            "Offers \(roles.joined(separator: ", ")) on \(settings.listeners.count) listeners, for \(settings.brokerURL)"
    }

    private func controlSocket() throws(ListenerError) -> UnixSocketFile {
        if let socket = passed.take(.file(settings.controlSocket)) {
            return UnixSocketFile(passed: socket.descriptor, path: settings.controlSocket)
        }
        return try UnixSocketFile(listener: "control", path: settings.controlSocket, mode: controlMode(settings))
    }

    /// Others may connect only if a rule may speak of them, or use their sign-in; the uid is checked at each connection in any case.
    private func controlMode(_ settings: DaemonSettings) -> UInt32 {
        let own = geteuid()
        let isForOwnUser = settings.callerRules.allSatisfy { rule in
            (rule.network != nil || rule.user == own) && rule.principal ?? .localUser(own) == .localUser(own)
        }
        return isForOwnUser ? 0o600 : 0o666
    }

    private func bindAll() async throws -> [BoundListener] {
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
                    configuration: configuration, service: metadata, resolver: resolver,
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
            await close(bound)
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

    private func openControl(
        _ socket: UnixSocketFile, _ bound: [BoundListener]
    ) async throws(ListenerError) -> BoundControl {
        let faces = Dictionary(settings.listeners.map { ($0.name, $0.face.rawValue) }) { first, _ in first }
        let listeners = bound.map { ListenerStatus(name: $0.name, face: faces[$0.name] ?? "", address: $0.text) }
        let service = ControlService(
            settings: current, callers: callers, signIns: signIns, cache: cache, tokenFiles: tokenFiles,
            policyLists: policyLists, listeners: { listeners }, pages: monitoring?.pages(cache, current, now: now),
            logger: logger, now: now)
        return try await ControlListener(service: service, resolver: CallerResolver(), logger: logger)
            .listen(on: socket, of: MultiThreadedEventLoopGroup.singleton)
    }

    /// `nil` if no address is configured.
    private func openMonitoring(beside control: BoundControl) async throws(ListenerError) -> BoundMonitoring? {
        guard let monitoring, let address = settings.metricsAddress else { return nil }
        let listener = MonitoringListener(pages: monitoring.pages(cache, current, now: now), logger: logger)
        do throws(ListenerError) {
            let bound = try await listener.bind(to: address, on: MultiThreadedEventLoopGroup.singleton)
            logger.info("metrics", metadata: ["address": "\(bound.text)"])
            return bound
        } catch {
            await control.close(within: .zero)
            throw error
        }
    }

    private func close(_ bound: [BoundListener]) async {
        await withDiscardingTaskGroup { group in
            for listener in bound { group.addTask { await listener.close(within: Self.drainLimit) } }
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

extension ListenerConfiguration {
    init(
        _ listener: DaemonConfiguration.Listener, groupID: (String) -> UInt32? = UserGroups.groupID
    ) throws(ListenerError) {
        let face: ListenerFace = listener.face == .imds ? .instanceMetadata : .containerCredentials
        if let path = listener.unix {
            let mode = listener.mode.flatMap(DaemonSettings.fileMode) ?? 0o600
            self.init(name: listener.name, face: face, address: .unix(path: path, mode: UInt32(mode)))
        } else if let address = listener.address, let socket = SocketText(address) {
            self.init(name: listener.name, face: face, address: .tcp(host: socket.host, port: socket.port))
        } else {
            throw .invalidAddress(listener: listener.name, address: listener.address ?? "")
        }
        if let name = listener.group {
            guard let group = groupID(name) else {
                throw .refused(listener: listener.name, address: listener.unix ?? "", reason: "no group \(name)")
            }
            socketGroup = group
        }
        allowsIMDSv1 = listener.imdsv1 ?? false
        additionalHosts = listener.hosts ?? []
        hopLimit = listener.hopLimit ?? 1
        requiresToken = listener.requireToken ?? true
    }
}

extension BoundListener {
    /// `127.0.0.1:80`, `[::1]:80` or a socket's path.
    var text: String { address.place }
}
