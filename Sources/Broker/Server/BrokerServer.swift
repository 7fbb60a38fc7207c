import AWSAPI
import AccessControl
import BrokerStore
import FoundationEssentials
import Glibc
import HTTPExchange
import Hummingbird
import IDTokens
import Logging
import PolicyFiles
import ServiceLifecycle
import StrictYAML
import Systemd
import UnixSignals

/// Assembles the broker from its configuration and runs it until SIGTERM or SIGINT.
struct BrokerServer {
    private let loaded: LoadedConfiguration
    /// Whether a file may take the policies over from the API.
    private let replacesGoverned: Bool
    private let environment: [String: String]
    private let metrics = BrokerMetrics()
    private let manager: ServiceManager
    private let logger: Logger
    private let now: @Sendable () -> Date

    /// The wall clock comes in here, and nowhere else.
    /// - Parameter environment: what says where the broker's own AWS key is, and who manages this service.
    init(
        _ loaded: LoadedConfiguration, environment: [String: String], replacesGoverned: Bool = false,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.loaded = loaded
        self.environment = environment
        manager = ServiceManager(environment: environment)
        self.replacesGoverned = replacesGoverned
        self.now = now
        logger = Logger(label: "stsbroker-server") { label in StreamLogHandler.standardError(label: label) }
    }

    /// Nothing this process creates is executable, or open to anybody but its owner, from the first moment on. Hummingbird can't set a
    /// socket's mode, so ``announce(_:)`` opens it to the group once it listens.
    private static let fileMask: mode_t = 0o177

    func run() async throws(StartFailure) {
        umask(Self.fileMask)
        DescriptorLimit.raise()
        let lock = try DatabaseLock(besides: loaded.databasePath)
        let records = try openRecords()
        let seal = try auditSeal(of: records)
        manager.status("Verifies the audit trail since its last checkpoint")
        _ = try await verified(seal)
        try await adoptPolicies(records)
        let http = HTTPClient()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await serve(records: records, seal: seal, http: http))
        } catch {
            outcome = .failure(error)
        }
        await http.shutdown()
        // Nothing is recorded any more, and nobody cancels this task.
        await seal.seal(always: true)
        for path in [loaded.server.listen.place.socketPath, loaded.server.metrics?.place.socketPath] {
            if let path { unlink(path) }
        }
        // Only now may a successor start, which would bind that path.
        _ = consume lock
        if case .failure(let error) = outcome { throw .serving("\(error)") }
    }

    func openRecords() throws(StartFailure) -> SQLiteRecords {
        do { return try SQLiteRecords(path: loaded.databasePath) } catch { throw .records(error) }
    }

    /// Reads the policies, or leaves them to the API. What administrators wrote is not replaced by a file unless somebody says
    /// so; what a file said is where administrators begin.
    func adoptPolicies(_ records: SQLiteRecords) async throws(StartFailure) {
        do {
            let current = try await records.catalogSource()
            guard let path = loaded.policiesPath else {
                guard current != .api else { return }
                return try await records.setCatalogSource(
                    .api, insteadOf: current, by: .file(loaded.path), at: now())
            }
            if current == .api {
                guard replacesGoverned else { throw StartFailure.governedByAPI(policies: path) }
                try await records.setCatalogSource(.file, insteadOf: .api, by: .file(loaded.path), at: now())
            }
            try await policyReload(records).adopt(loaded.catalog.catalog, from: path)
        } catch let failure as StartFailure {
            throw failure
        } catch let error as StoreError {
            throw .records(error)
        } catch {
            throw .serving("\(error)")
        }
    }

    private func policyReload(_ records: SQLiteRecords) -> PolicyReload {
        PolicyReload(
            path: loaded.policiesPath, routing: loaded.notifications.routing, mode: loaded.server.aws.mode,
            hasEvaluator: loaded.hasEvaluator, records: records, logger: logger, now: now)
    }

    /// Signs the trail. Fails if its key can't be used; one that nobody has named is made.
    private func auditSeal(of records: SQLiteRecords) throws(StartFailure) -> AuditSeal {
        do throws(InvalidYAML) {
            let key =
                if let path = loaded.auditKeyPath {
                    try AuditKeyFile.read(path)
                } else {
                    try AuditKeyFile.readOrCreate(loaded.databasePath + ".audit-key")
                }
            return AuditSeal(
                trail: records, key: key, schedule: loaded.server.audit?.schedule ?? CheckpointSchedule(),
                logger: logger, now: now)
        } catch {
            throw .auditKey(error)
        }
    }

    /// Reads the whole audit trail, and says in the log what it finds. No broker may run meanwhile.
    /// - Returns: whether it holds.
    func verifyAudit() async throws(StartFailure) -> Bool {
        umask(Self.fileMask)
        let lock = try DatabaseLock(besides: loaded.databasePath)
        let holds = try await verified(auditSeal(of: openRecords()), wholly: true)
        _ = consume lock
        return holds
    }

    private func verified(_ seal: AuditSeal, wholly: Bool = false) async throws(StartFailure) -> Bool {
        do { return try await seal.verify(wholly: wholly) } catch { throw .records(error) }
    }

    private func serve(records: SQLiteRecords, seal: AuditSeal, http: HTTPClient) async throws {
        if loaded.server.listen.place.leavesThisMachine, loaded.tls == nil {
            logger.warning(
                "listening without tls beyond this machine; configure listen.tls, or put a tls proxy in front")
        }
        let tls = try listenerTLS()
        let access = try access(http)
        try await access.prepare()
        warn(of: loaded.catalog.catalog.policies, chainsRoles: await access.chainsRoles())
        if loaded.hasEvaluator { try await EvaluatorOnlyPolicies(in: records).warn(logger) }
        let parts = parts(records: records, http: http, access: access, tls: tls, seal: seal)
        let application = buildApplication(
            parts, address: loaded.server.listen.place.bindAddress,
            onRunning: { [manager, announced = announce("listening")] address in
                manager.ready(status: "Listens at \(await announced(address))")
            })
        let delivery = NoticeDelivery(
            outbox: records,
            messengers: loaded.notifications.messengers(http: http, sns: access.sns, logger: logger),
            pages: loaded.web?.origin, metrics: metrics, logger: logger, now: now)
        var services: [any Service] = [
            seal, parts.readiness, delivery,
            ApprovalWatch(records: records, logger: logger, now: now),
            ReloadAtHangup(
                signals: await UnixSignalsSequence(trapping: .sighup), policies: policyReload(records), manager: manager
            ),
        ]
        services += access.services(logger: logger)
        if let denials = denials(records, access) { services.append(denials) }
        if let tls { services.append(tls) }
        if let section = loaded.server.metrics { services.append(metricsApplication(section, parts, records)) }
        // They end in the opposite order: first what was accepted is answered, whatever the others wait for.
        services.append(application)
        services.append(StopNotice(manager: manager, readiness: parts.readiness))
        // By itself a service would be called what it and all that it holds look like.
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, serviceName: "\(type(of: $0))") },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(15)
        try await ServiceGroup(configuration: configuration).run()
    }

    private func warn(of policies: [AccessPolicy], chainsRoles: Bool) {
        let hasTargets = loaded.notifications.routing.hasTargets
        for policy in policies {
            for warning in PolicyWarning.warnings(for: policy, chainsRoles: chainsRoles, hasTargets: hasTargets) {
                logger.warning("policy may fail", metadata: ["why": "\(warning)"])
            }
        }
    }

    private func metricsApplication(
        _ section: MetricsSection, _ parts: BrokerParts, _ records: SQLiteRecords
    ) -> any Service {
        if section.place.leavesThisMachine {
            logger.warning("metrics are readable beyond this machine; put a firewall before them")
        }
        return buildMetricsApplication(
            parts, records: records, address: section.place.bindAddress,
            onRunning: { [announced = announce("metrics")] in _ = await announced($0) })
    }

    /// Says in the log where something listens, and opens a Unix socket to the group; the place as text.
    private func announce(_ what: Logger.Message) -> @Sendable (ListeningAddress) async -> String {
        { [logger] address in
            if let path = address.path { chmod(path, 0o660) }
            let place = address.path ?? address.port.map { "port \($0)" } ?? "unknown"
            logger.info(what, metadata: ["at": "\(place)"])
            return place
        }
    }

    /// What must be there before requests are sent here. The identity providers' keys aren't: every other broker would
    /// lack them too.
    private func checks(_ records: any WatchedRecords, _ access: AWSAccess) -> [ReadinessCheck] {
        let checks = [
            ReadinessCheck("database") { [now] in try await records.checkWritable(at: now()) },
            ReadinessCheck("policies") { try await records.checkCatalog() },
        ]
        guard let keys = access.keys else { return checks }
        return checks + [ReadinessCheck("aws_key") { _ = try await keys.current() }]
    }

    /// The timeouts are such that discovery, keys and STS together end before a daemon gives up on the answer, which it
    /// does after ten seconds: what is minted later would be held by nobody.
    func parts(
        records: SQLiteRecords, http: HTTPClient, access: AWSAccess, tls: ListenerTLS? = nil,
        seal: AuditSeal? = nil, keyTimeout: Duration = .seconds(2)
    ) -> BrokerParts {
        let issuers = loaded.server.issuers
        let tokens = IDTokenVerifier(
            issuers: issuers.trusted, http: http, logger: logger, timeout: keyTimeout, now: now)
        var parts = BrokerParts(
            authenticator: Authenticator(
                tokens: tokens, claims: issuers.claims, records: records,
                requestsPerSecond: loaded.server.limits?.requestsPerSecond ?? Authenticator.defaultRequestsPerSecond,
                logger: logger, now: now),
            issuance: CredentialIssuance(
                records: records, roles: MeasuredRoles(base: access.roles, metrics: metrics),
                sessionNaming: SessionNaming(
                    issuers: issuers.trusted.count, namesGrants: loaded.server.aws.revocation != nil),
                chainsRoles: access.chainsRoles, routing: loaded.notifications.routing, evaluator: evaluator(http),
                metrics: metrics,
                logger: logger, now: now),
            records: records,
            links: links(http, access),
            logger: logger, auditors: Set(loaded.server.auditors ?? []), signIns: issuers.signIns,
            administration: Administration(
                records: records, administrators: Set(loaded.server.administrators ?? []), file: loaded.policiesPath,
                routing: loaded.notifications.routing, allowsExternalID: loaded.server.aws.mode.allowsExternalID,
                hasEvaluator: loaded.hasEvaluator),
            web: loaded.web.map { WebParts(settings: $0, provider: BrowserProvider($0, http: http, now: now)) },
            edge: edge(tls), metrics: metrics, checks: checks(records, access), seal: seal, now: now)
        parts.issuer = access.issuer
        return parts
    }

    /// Whoever has to sign in to the console again is sent to the pages, where there are any.
    private func links(_ http: HTTPClient, _ access: AWSAccess) -> ConsoleLinks {
        ConsoleLinks(
            signIn: ConsoleSignIn(
                http: http, endpoint: loaded.server.aws.signInEndpoint, console: loaded.server.aws.consoleURL,
                issuer: loaded.web?.origin),
            omitsDuration: access.omitsConsoleDuration, logger: logger, now: now)
    }

    private func edge(_ tls: ListenerTLS?) -> BrokerEdge {
        let limits = loaded.server.limits
        return BrokerEdge(
            proxies: loaded.server.listen.trustedProxies,
            addresses: AddressLimits(
                requestsPerSecond: limits?.addressRequestsPerSecond ?? AddressLimits.defaultRequestsPerSecond,
                failuresPerMinute: limits?.failedSignInsPerMinute ?? AddressLimits.defaultFailuresPerMinute),
            connections: OpenConnections.Limits(
                all: limits?.connections ?? DescriptorLimit.connections,
                perAddress: limits?.connectionsPerAddress ?? OpenConnections.Limits.defaultPerAddress),
            tls: tls)
    }

    private func listenerTLS() throws -> ListenerTLS? {
        try loaded.tls.map { try ListenerTLS($0, metrics: metrics, logger: logger, now: now) }
    }

    private func denials(_ records: SQLiteRecords, _ access: AWSAccess) -> RoleDenials? {
        loaded.server.aws.revocation.map { section in
            RoleDenials(
                records: records, iam: access.inlinePolicies(section), policyName: section.policyName, logger: logger,
                now: now)
        }
    }

    private func evaluator(_ http: HTTPClient) -> ExternalEvaluator? {
        guard let section = loaded.server.evaluator, let key = loaded.evaluatorKey else { return nil }
        let exchange = HTTPExchange(http: http, timeout: section.timeout, maximumAnswerBytes: 64 * 1024)
        return ExternalEvaluator(
            post: SignedPost(url: section.url, key: key, exchange: exchange), logger: logger, now: now)
    }

    /// - Parameter stsTimeout: for one call of STS.
    func access(_ http: HTTPClient, stsTimeout: Duration = .seconds(5)) throws(StartFailure) -> AWSAccess {
        let aws = loaded.server.aws
        let keys: SigningKeys?
        do throws(SigningKeyFault) {
            keys = try aws.webIdentity.map { section throws(SigningKeyFault) in
                try SigningKeys(
                    SigningKeyFile(path: loaded.signingKeysPath),
                    schedule: KeySchedule(period: Double(section.rotation.components.seconds)), now: now)
            }
        } catch {
            throw .signingKeys(error)
        }
        return AWSAccess(
            aws, signingKeys: keys,
            in: AWSAccess.Surroundings(
                environment: environment, http: http, logger: logger, now: now, timeout: stsTimeout))
    }
}

/// Why the server didn't start, or stopped.
enum StartFailure: Error, CustomStringConvertible {
    case awsKey(AWSError)
    case signingKeys(SigningKeyFault)
    case lock(path: String, problem: String)
    case inUse(database: String)
    case records(StoreError)
    case auditKey(InvalidYAML)
    case trailBroken
    case governedByAPI(policies: String)
    case serving(String)

    var description: String {
        switch self {
        case .awsKey(let error): "\(error)"
        case .signingKeys(let fault): "\(fault)"
        case .lock(let path, let problem):
            "can't open \(path): \(problem); does its folder exist, and may this user write it?"
        case .inUse(let database): "another stsbroker-server uses \(database); stop it first"
        case .records(let error): "\(error)"
        case .auditKey(let error): "\(error)"
        case .trailBroken: "the audit trail does not hold; the line above says where"
        case .governedByAPI(let policies):
            "the policies in the database are governed by the admin API, and \(policies) would replace them: say "
                + "\"policies: {managed_by: api}\", or start once with --replace-governed-policies"
        case .serving(let problem): "stopped: \(problem)"
        }
    }
}
