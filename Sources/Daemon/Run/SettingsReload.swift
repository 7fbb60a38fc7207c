import CredentialCache
import FoundationEssentials
import Logging
import MetadataServer
import ServiceLifecycle
import StrictYAML
import Systemd
import UnixSignals

/// Reads the configuration anew at SIGHUP, or when its file has changed, and puts it in force without dropping a connection.
/// A file that can't be used changes nothing.
struct SettingsReload: Service {
    private let source: SettingsSource
    private let current: CurrentSettings
    private let listeners: ListenerService
    private let cache: CredentialCache
    private let manager: ServiceManager
    private let onHangUp: @Sendable () -> Void
    private let logger: Logger
    private let now: @Sendable () -> Date

    /// - Parameter onHangUp: called at each SIGHUP, whatever becomes of the configuration.
    init(
        source: SettingsSource, current: CurrentSettings, listeners: ListenerService,
        cache: CredentialCache, manager: ServiceManager = ServiceManager(environment: [:]),
        onHangUp: @escaping @Sendable () -> Void = {}, logger: Logger, now: @escaping @Sendable () -> Date
    ) {
        self.manager = manager
        self.onHangUp = onHangUp
        self.source = source
        self.current = current
        self.listeners = listeners
        self.cache = cache
        self.logger = logger
        self.now = now
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await watch(ContinuousClock()) }
            for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
                onHangUp()
                reload()
            }
            group.cancelAll()
        }
    }

    /// Looks at the file now and then: unlike inotify(7), that also works through the links of a Kubernetes ConfigMap and on
    /// network file systems.
    func watch(_ clock: some Clock<Duration>) async {
        var change = FileChange(source.fingerprint())
        while (try? await clock.sleep(for: FileChange.pause)) != nil {
            if change.isComplete(with: source.fingerprint()) { reload() }
        }
    }

    func reload() {
        manager.reloading()
        defer { manager.ready(status: listeners.statusLine) }
        do throws(InvalidYAML) {
            try adopt(source.load())
        } catch {
            logger.error("configuration not reloaded", metadata: ["reason": "\(error)"])
        }
    }

    private func adopt(_ loaded: DaemonSettings) {
        let old = current.value
        let (new, left) = loaded.adoptable(by: old)
        for key in left { logger.warning("setting takes a restart", metadata: ["setting": "\(key)"]) }
        do throws(TokenFileFault) {
            try listeners.adopt(new, insteadOf: old)
        } catch {
            return logger.error("configuration not reloaded", metadata: ["reason": "\(error)"])
        }
        forgetWhatChanged(old, current.value)
        logger.info("configuration reloaded")
    }

    /// Credentials of a role that means something else now, or that nobody may have any more, must not be served.
    private func forgetWhatChanged(_ old: DaemonSettings, _ new: DaemonSettings) {
        cache.forget(now: now()) { key in old.role(key) != new.role(key) || !new.offers(key) }
    }
}
