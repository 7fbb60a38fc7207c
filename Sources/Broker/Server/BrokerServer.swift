import FoundationEssentials
import Glibc
import HTTPExchange
import Logging
import Systemd

/// Assembles the broker from its configuration and runs it until SIGTERM or SIGINT.
struct BrokerServer {
    let loaded: LoadedConfiguration
    /// Whether a file may take the policies over from the API.
    let replacesGoverned: Bool
    let environment: [String: String]
    let metrics = BrokerMetrics()
    let manager: ServiceManager
    let logger: Logger
    let now: @Sendable () -> Date

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
    /// socket's mode, so ``ListeningAddress/announce(_:in:)`` opens it to the group once it listens.
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
        removeSockets()
        // Only now may a successor start, which would bind those paths.
        _ = consume lock
        if case .failure(let error) = outcome { throw .serving("\(error)") }
    }

    private func removeSockets() {
        for path in [loaded.server.listen.place.socketPath, loaded.server.metrics?.place.socketPath] {
            if let path { unlink(path) }
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
}
