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
        // Certificates of the broker's authority are no business of the identity provider, nor is the daemon's own.
        let (http, brokerHTTP) = (HTTPClient(), HTTPClient { [files = settings.brokerTLS] in try files.material() })
        do {
            try await run(http, brokerHTTP)
        } catch {
            await http.shutdown()
            await brokerHTTP.shutdown()
            throw error
        }
        await http.shutdown()
        await brokerHTTP.shutdown()
    }

    /// Ten thousand policies; all other answers are short.
    private static let longestList = 8 << 20

    private func run(_ http: HTTPClient, _ brokerHTTP: HTTPClient) async throws {
        let now: @Sendable () -> Date = { Date() }
        let current = CurrentSettings(settings)
        let state = try stateOnDisk()
        let monitoring = try Monitoring(settings.audit, logger: logger, now: now)
        let signIns = SignInStore(
            provider: provider(http), files: signInFiles(state), workload: workload, now: now, logger: logger)
        let issued = IssuedGrants()
        let keeper = try credentialKeeper(state, current, issued, now)
        let cache = CredentialCache(
            idleAfter: settings.idleAfter, logger: logger, changed: { keeper?.note($0, $1) },
            prepare: { PreparedCredentials($0, lastUpdated: $1) })
        let broker = BrokerClient(exchange: HTTPExchange(http: brokerHTTP), baseURL: settings.brokerURL)
        let lister = BrokerClient(
            exchange: HTTPExchange(http: brokerHTTP, maximumAnswerBytes: Self.longestList), baseURL: settings.brokerURL)
        await keeper?.restore(into: cache, signIns: signIns) { current.takesUp($0, for: $1) }
        let refresher = CredentialRefresher(
            cache: cache,
            issuer: BrokerIssuer(broker: broker, signIns: signIns, issued: issued, role: { current.value.role($0) }),
            clock: ContinuousClock(), now: now, onAttempt: { monitoring.metrics.refreshed(after: $0, $1) })
        let policyLists = PolicyLists(
            current: current, signIns: signIns, cache: cache,
            list: { token throws(BrokerClientError) in try await lister.policies(idToken: token).policies.map(\.id) },
            clock: ContinuousClock(), logger: logger, now: now)
        let callers = CallerState()
        let listeners = ListenerService(
            settings: current, callers: callers, signIns: signIns, cache: cache, policyLists: policyLists,
            passed: passed, manager: manager, monitoring: monitoring, logger: logger, now: now)
        let reload = SettingsReload(
            source: source, current: current, listeners: listeners, cache: cache, manager: manager,
            onHangUp: { monitoring.audit?.reopen() }, logger: logger, now: now)
        let rotation = TokenRotation(
            every: settings.tokenRotation, tokens: callers.containerTokens, files: listeners.tokenFiles,
            clock: ContinuousClock(), logger: logger)
        let sweep = ScopedTokenSweep(
            tokens: callers.scopedTokens, files: listeners.tokenFiles, clock: ContinuousClock(), now: now)
        let identityWatch = identityWatch(signIns, cache, policyLists, now)
        let revocations = RevocationWatch(
            issued: issued, signIns: signIns, cache: cache,
            states: { ids, token throws(BrokerClientError) in try await broker.states(of: ids, idToken: token).states },
            clock: ContinuousClock(), logger: logger, now: now)
        await policyLists.prepare()
        // The first to start is the last to stop.
        let audit = monitoring.audit.map {
            AuditService(log: $0, window: settings.audit.window, clock: ContinuousClock())
        }
        // Named here: by itself a service is called what it and all that it holds look like, which takes a third of the start.
        try await ServiceGroup(
            configuration: .init(
                services: (audit.map { [.init(service: $0, serviceName: "audit")] } ?? []) + [
                    // Those before the listeners work as long as these serve, also during a shutdown's delay.
                    .init(service: refresher, serviceName: "refresher"),
                    .init(service: identityWatch, serviceName: "identity watch"),
                    .init(service: revocations, serviceName: "revocation watch"),
                    .init(
                        service: PolicyListWatch(lists: policyLists, clock: ContinuousClock()),
                        serviceName: "policy list watch"),
                    .init(service: listeners, serviceName: "listeners"),
                    .init(service: reload, serviceName: "reload"),
                    .init(service: rotation, serviceName: "token rotation"),
                    .init(service: sweep, serviceName: "token sweep"),
                ] + (keeper.map { [.init(service: $0, serviceName: "credential keeper")] } ?? []),
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger)
        ).run()
    }
}

/// What outlives the daemon.
extension DaemonService {
    private typealias State = (folder: StateFolder, key: StateKey)

    private func stateOnDisk() throws(StateFault) -> State? {
        guard let directory = settings.stateDirectory else { return nil }
        let folder = try StateFolder(path: directory)
        return (folder, try StateKey.found(in: folder, environment: source.environment))
    }

    private func signInFiles(_ state: State?) -> SignInFiles? {
        guard let state, case .people(let issuer, let clientID) = settings.identity else { return nil }
        return SignInFiles(
            folder: state.folder, key: state.key, issuer: issuer, clientID: clientID, logger: logger)
    }

    private func credentialKeeper(
        _ state: State?, _ current: CurrentSettings, _ issued: IssuedGrants, _ now: @escaping @Sendable () -> Date
    ) throws(StateFault) -> CredentialKeeper? {
        guard let state, let binding = settings.credentialBinding else { return nil }
        return CredentialKeeper(
            files: try CredentialFiles(folder: state.folder, key: state.key, binding: binding),
            brokerURL: settings.brokerURL, issued: issued, role: { current.value.role($0) }, logger: logger, now: now)
    }
}

/// Whom the daemon acts for.
extension DaemonService {
    private func provider(_ http: HTTPClient) -> any TokenRefreshing {
        switch settings.identity {
        case .people(let issuer, let clientID): ConfiguredProvider(http: http, issuer: issuer, clientID: clientID)
        case .workload: NoProvider()
        }
    }

    private var workload: WorkloadToken? {
        guard case .workload(let file) = settings.identity else { return nil }
        return WorkloadToken(path: file, principal: DaemonIdentity.workloadPrincipal)
    }

    private func identityWatch(
        _ signIns: SignInStore, _ cache: CredentialCache, _ lists: PolicyLists, _ now: @escaping @Sendable () -> Date
    ) -> any Service {
        if let workload {
            return WorkloadTokenWatch(
                token: workload, cache: cache, clock: ContinuousClock(), logger: logger, now: now,
                onOther: { lists.signedOut(workload.principal) })
        }
        return SignInWatch(
            principal: .localUser(geteuid()), signIns: signIns, clock: ContinuousClock(), now: now,
            notify: { await DesktopNotification.show($0) })
    }
}
