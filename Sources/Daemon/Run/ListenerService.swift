import CredentialCache
import FoundationEssentials
import Logging
import MetadataServer
import ServiceLifecycle
import Systemd
import UnixSignals

/// Opens every listener and the control socket, and closes them again: all of them or none.
struct ListenerService: Service {
    /// How long running requests may take to end after SIGTERM.
    static let drainLimit = Duration.seconds(5)

    private let current: CurrentSettings
    private let passed: PassedSockets
    private let manager: ServiceManager
    let tokenFiles: TokenFiles
    private let listenerOpening: ListenerOpening
    private let controlSocket: ControlSocket
    private let controlOpening: ControlOpening
    /// `nil` if nobody watches.
    private let monitoring: Monitoring?
    private let logger: Logger

    init(
        settings current: CurrentSettings, callers: CallerState, signIns: SignInStore,
        cache: CredentialCache, policyLists: PolicyLists? = nil, passed: PassedSockets = PassedSockets([]),
        manager: ServiceManager = ServiceManager(environment: [:]), monitoring: Monitoring? = nil, logger: Logger,
        now: @escaping @Sendable () -> Date
    ) {
        self.current = current
        self.passed = passed
        self.manager = manager
        self.monitoring = monitoring
        self.logger = logger
        let settings = current.value
        controlSocket = ControlSocket(path: settings.controlSocket, passed: passed)
        tokenFiles = TokenFiles(directory: settings.tokenDirectory, tokens: callers.containerTokens)
        let metadata = MetadataService(
            source: cache, rules: settings.compiledRules, callers: callers, facts: settings.facts,
            startedAt: now())
        current.follow { settings in
            metadata.replace(rules: settings.compiledRules, facts: settings.facts, at: now())
        }
        listenerOpening = ListenerOpening(
            current: current, passed: passed, service: metadata, monitoring: monitoring, logger: logger, now: now)
        controlOpening = ControlOpening(
            current: current, callers: callers, signIns: signIns, cache: cache, tokenFiles: tokenFiles,
            policyLists: policyLists, monitoring: monitoring, logger: logger, now: now)
    }

    private var settings: DaemonSettings { current.value }

    /// Puts new settings in force. Nothing has changed when it throws.
    func adopt(_ new: DaemonSettings, insteadOf old: DaemonSettings) throws(TokenFileFault) {
        let (users, before) = (new.namedUsers, old.namedUsers)
        try tokenFiles.write(forUsers: users.subtracting(before))
        current.replace(with: new)
        tokenFiles.remove(forUsers: before.subtracting(users))
        controlSocket.adopt(new)
    }

    func run() async throws {
        let bound = try await listenerOpening.bindAll()
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let delay = ShutdownDelay(settings.shutdownDelay, clock: ContinuousClock())
        let selfCheck = SelfCheck(bound.first?.address, manager: manager, clock: ContinuousClock(), logger: logger)
        try await withThrowingTaskGroup { group in
            group.addTask { await cutOff(bound, delay, atSecondOf: signals) }
            defer { group.cancelAll() }
            do {
                try await serve(bound, delay, checkedBy: selfCheck)
            } catch {
                await bound.close(within: Self.drainLimit)
                throw error
            }
            await bound.close(within: Self.drainLimit)
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
        let socket = try controlSocket.bind(settings)
        do throws(TokenFileFault) {
            try tokenFiles.write(forUsers: settings.namedUsers)
        } catch {
            socket.discard()
            throw error
        }
        defer { tokenFiles.removeAll() }
        let control = try await controlOpening.openControl(socket, bound)
        let watched = try await controlOpening.openMonitoring(beside: control)
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
}
