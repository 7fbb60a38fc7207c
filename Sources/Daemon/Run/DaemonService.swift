import BrokerAPI
import CallerIdentity
import CredentialCache
import DaemonAPI
import FoundationEssentials
import Glibc
import HTTPExchange
package import Logging
import MetadataServer
import ServiceLifecycle
package import Systemd
import UnixSignals

/// The whole of `stsbrokerd`: everything is assembled here, once.
package struct DaemonService: Sendable {
    private let settings: DaemonSettings
    private let source: SettingsSource
    private let passed: PassedSockets
    private let manager: ServiceManager
    private let logger: Logger

    /// - Parameters:
    ///   - source: where a reload finds the settings.
    ///   - passed: the sockets that the service manager has bound already.
    package init(
        settings: DaemonSettings, source: SettingsSource, passed: PassedSockets, manager: ServiceManager,
        logger: Logger
    ) {
        self.settings = settings
        self.source = source
        self.passed = passed
        self.manager = manager
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT; then stops accepting, answers what runs, and returns.
    package func run() async throws {
        let http = HTTPClient()
        do {
            try await run(http)
        } catch {
            await http.shutdown()
            throw error
        }
        await http.shutdown()
    }

    private func run(_ http: HTTPClient) async throws {
        let now: @Sendable () -> Date = { Date() }
        let current = CurrentSettings(settings)
        let signIns = SignInStore(
            provider: ConfiguredProvider(http: http, issuer: settings.issuer, clientID: settings.clientID),
            files: try signInFiles(), now: now, logger: logger)
        let cache = CredentialCache<PreparedCredentials>(
            idleAfter: settings.idleAfter, logger: logger,
            prepare: { PreparedCredentials($0, lastUpdated: $1) })
        let broker = BrokerClient(exchange: HTTPExchange(http: http), baseURL: settings.brokerURL)
        let issued = IssuedGrants()
        let refresher = CredentialRefresher(
            cache: cache,
            issuer: BrokerIssuer(broker: broker, signIns: signIns, issued: issued, roles: { current.value.roles }),
            clock: ContinuousClock(), now: now)
        let callers = CallerState()
        let listeners = ListenerService(
            settings: current, callers: callers, signIns: signIns, cache: cache, passed: passed, manager: manager,
            logger: logger, now: now)
        let reload = SettingsReload(
            source: source, current: current, listeners: listeners, cache: cache, manager: manager, logger: logger,
            now: now)
        let rotation = TokenRotation(
            every: settings.tokenRotation, tokens: callers.containerTokens, files: listeners.tokenFiles,
            clock: ContinuousClock(), logger: logger)
        let sweep = ScopedTokenSweep(
            tokens: callers.scopedTokens, files: listeners.tokenFiles, clock: ContinuousClock(), now: now)
        let signInWatch = SignInWatch(
            principal: .localUser(geteuid()), signIns: signIns, clock: ContinuousClock(), now: now,
            notify: DesktopNotification.show)
        let revocations = RevocationWatch(
            issued: issued, signIns: signIns, cache: cache,
            states: { ids, token throws(BrokerClientError) in try await broker.states(of: ids, idToken: token).states },
            clock: ContinuousClock(), logger: logger, now: now)
        try await ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: refresher), .init(service: listeners), .init(service: reload),
                    .init(service: rotation), .init(service: revocations), .init(service: sweep),
                    .init(service: signInWatch),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger)
        ).run()
    }
}

extension DaemonService {
    private func signInFiles() throws(StateFault) -> SignInFiles? {
        guard let directory = settings.stateDirectory else { return nil }
        return try SignInFiles(
            directory: directory, issuer: settings.issuer, clientID: settings.clientID,
            environment: source.environment, logger: logger)
    }
}
