import AWSAPI
import AccessControl
import AsyncHTTPClient
import BrokerStore
import FoundationEssentials
import Glibc
import HTTPExchange
import Hummingbird
import IDTokens
import Logging
import PolicyFiles
import ServiceLifecycle
import UnixSignals

/// Assembles the broker from its configuration and runs it until SIGTERM or SIGINT.
struct BrokerServer {
    private let loaded: LoadedConfiguration
    private let accessKey: AWSAccessKey
    private let logger: Logger
    private let now: @Sendable () -> Date

    /// Fails without the broker's own AWS key in the environment. The wall clock comes in here, and nowhere else.
    init(
        _ loaded: LoadedConfiguration, environment: [String: String], now: @escaping @Sendable () -> Date = { Date() }
    ) throws(StartFailure) {
        self.loaded = loaded
        self.now = now
        logger = Logger(label: "stsbroker-server") { label in StreamLogHandler.standardError(label: label) }
        do throws(STSError) {
            accessKey = try AWSAccessKey.fromEnvironment(environment)
        } catch {
            throw .awsKey(error)
        }
    }

    func run() async throws(StartFailure) {
        // Hummingbird can't set a socket's mode, so the process's file mask does: nothing this process creates is
        // executable or open to others, from the first moment on. Owner and group may connect (0660).
        umask(0o117)
        let lock = try DatabaseLock(besides: loaded.databasePath)
        let records = try await openRecords()
        let http = HTTPClient(configuration: Self.httpConfiguration)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await serve(records: records, http: http))
        } catch {
            outcome = .failure(error)
        }
        // Nothing is lost if either fails: the process ends.
        try? await http.shutdown()
        if let path = loaded.server.listen.socketPath { unlink(path) }
        // Only now may a successor start, which would bind that path.
        _ = consume lock
        if case .failure(let error) = outcome { throw .serving("\(error)") }
    }

    func openRecords() async throws(StartFailure) -> SQLiteRecords {
        do throws(StoreError) {
            let records = try SQLiteRecords(path: loaded.databasePath)
            try await checkTrail(of: records)
            try await policyReload(records).adopt(loaded.catalog.catalog)
            return records
        } catch {
            throw .records(error)
        }
    }

    private func policyReload(_ records: any BrokerRecords) -> PolicyReload {
        PolicyReload(
            path: loaded.policiesPath, routing: loaded.notifications.routing, records: records, logger: logger, now: now
        )
    }

    /// A broken audit trail is loud, and no reason to stop: who broke it could as well stop the broker that way. The head
    /// that is logged lets an auditor see whether the end was cut off later.
    private func checkTrail(of records: SQLiteRecords) async throws(StoreError) {
        if let sequence = try await records.firstBrokenAuditRecord() {
            logger.critical("audit trail broken", metadata: ["sequence": "\(sequence)"])
        } else if let head = try await records.auditHead() {
            logger.info("audit trail verified", metadata: ["sequence": "\(head.sequence)", "hash": "\(head.hash)"])
        }
    }

    private func serve(records: SQLiteRecords, http: HTTPClient) async throws {
        for warning in loaded.catalog.warnings { logger.warning("policy may fail", metadata: ["why": "\(warning)"]) }
        if loaded.server.listen.leavesThisMachine {
            logger.warning("listening without tls beyond this machine; put a tls proxy in front")
        }
        let application = buildApplication(
            parts(records: records, http: http, chainsRoles: await chainsRoles(http)),
            address: loaded.server.listen.bindAddress,
            onRunning: { [logger] address in
                if let path = address.path { chmod(path, 0o660) }
                let place = address.path ?? address.port.map { "port \($0)" } ?? "unknown"
                logger.info("listening", metadata: ["at": "\(place)"])
            })
        let delivery = NoticeDelivery(
            outbox: records, messengers: loaded.notifications.messengers(http: http), pages: loaded.web?.origin,
            logger: logger, now: now)
        var configuration = ServiceGroupConfiguration(
            services: [
                application, policyReload(records), delivery,
                ApprovalWatch(records: records, logger: logger, now: now),
            ], gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(15)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// The timeouts are such that discovery, keys and STS together end before a daemon gives up on the answer, which it
    /// does after ten seconds: what is minted later would be held by nobody.
    func parts(
        records: SQLiteRecords, http: HTTPClient, chainsRoles: Bool, keyTimeout: Duration = .seconds(2),
        stsTimeout: Duration = .seconds(5)
    ) -> BrokerParts {
        let issuers = loaded.server.issuers
        let tokens = IDTokenVerifier(
            issuers: issuers.trusted, http: http, logger: logger, timeout: keyTimeout, now: now)
        let roles = sts(http, timeout: stsTimeout)
        return BrokerParts(
            authenticator: Authenticator(
                tokens: tokens, claims: issuers.claims, records: records,
                requestsPerSecond: loaded.server.limits?.requestsPerSecond ?? Authenticator.defaultRequestsPerSecond,
                logger: logger, now: now),
            issuance: CredentialIssuance(
                records: records, roles: roles, sessionNaming: SessionNaming(issuers: issuers.trusted.count),
                chainsRoles: chainsRoles, routing: loaded.notifications.routing, evaluator: evaluator(http),
                logger: logger, now: now),
            records: records,
            links: ConsoleLinks(
                signIn: ConsoleSignIn(
                    http: http, endpoint: loaded.server.aws.signInEndpoint,
                    console: ConsoleSignIn.defaultConsole(region: loaded.server.aws.region)),
                chainsRoles: chainsRoles, logger: logger, now: now),
            logger: logger, auditors: Set(loaded.server.auditors ?? []),
            web: loaded.web.map { WebParts(settings: $0, provider: BrowserProvider($0, http: http, now: now)) },
            now: now)
    }

    private func evaluator(_ http: HTTPClient) -> ExternalEvaluator? {
        guard let section = loaded.server.evaluator, let key = loaded.evaluatorKey else { return nil }
        let exchange = HTTPExchange(http: http, timeout: section.timeout, maximumAnswerBytes: 64 * 1024)
        return ExternalEvaluator(
            post: SignedPost(url: section.url, key: key, exchange: exchange), logger: logger, now: now)
    }

    /// Whether the broker's own key is a role's, so that AWS caps the sessions it hands out at one hour. A temporary key
    /// may also be a user's; STS knows. Without its answer it is taken for a role's, as it nearly always is.
    func chainsRoles(_ http: HTTPClient) async -> Bool {
        guard accessKey.sessionToken != nil else { return false }
        do throws(STSError) {
            return try await sts(http, timeout: .seconds(5)).callerIdentity().isRoleSession
        } catch {
            logger.warning(
                "own identity unknown, sessions are capped at an hour", metadata: ["error": "\(error)"])
            return true
        }
    }

    private func sts(_ http: HTTPClient, timeout: Duration) -> STSClient {
        STSClient(
            http: http, endpoint: loaded.server.aws.endpoint, region: loaded.server.aws.region,
            accessKey: { [accessKey] in accessKey }, logger: logger, timeout: timeout, now: now)
    }

    /// Neither STS nor an identity provider's keys are reached by a redirect.
    private static var httpConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(3)
        return configuration
    }
}

/// Why the server didn't start, or stopped.
enum StartFailure: Error, CustomStringConvertible {
    case awsKey(STSError)
    case lock(path: String, problem: String)
    case inUse(database: String)
    case records(StoreError)
    case serving(String)

    var description: String {
        switch self {
        case .awsKey(let error): "\(error)"
        case .lock(let path, let problem):
            "can't open \(path): \(problem); does its folder exist, and may this user write it?"
        case .inUse(let database): "another stsbroker-server uses \(database); stop it first"
        case .records(let error): "\(error)"
        case .serving(let problem): "stopped: \(problem)"
        }
    }
}
