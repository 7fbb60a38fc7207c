import CallerIdentity
import CredentialCache
import FoundationEssentials
import Logging
import MetadataServer

/// Everything by which the daemon is seen from outside, put together.
struct Monitoring: Sendable {
    let metrics: DaemonMetrics
    let health = Health()
    /// `nil` if nothing is recorded.
    let audit: AuditLog?

    /// - Throws: if the audit's file can't be used.
    init(
        _ settings: AuditSettings, logger: Logger, now: @escaping @Sendable () -> Date
    ) throws(AuditFileFault) {
        let metrics = DaemonMetrics(startedAt: now())
        self.metrics = metrics
        let sink: any AuditSink
        switch settings.destination {
        case .none:
            audit = nil
            return
        case .log: sink = AuditToLog(logger)
        case .file(let path, let mode):
            sink = try AuditToFile(path: path, mode: mode, logger: logger, onFailure: { metrics.auditFailed() })
        }
        audit = AuditLog(sink: sink, noting: settings.namesAllProcesses ? .everybody : .unixSockets, now: now)
    }

    var observer: RequestMonitor { RequestMonitor(metrics: metrics, audit: audit) }

    func pages(
        _ cache: CredentialCache, _ settings: CurrentSettings, now: @escaping @Sendable () -> Date
    ) -> MonitoringPages {
        MonitoringPages(metrics: metrics, health: health, cache: cache, settings: settings, now: now)
    }
}
