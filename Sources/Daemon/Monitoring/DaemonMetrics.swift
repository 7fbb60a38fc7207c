import CoreMetrics
import CredentialCache
import FoundationEssentials
import MetadataServer
import PrometheusText
import Synchronization

/// What the daemon counts about itself. Everything that a request touches is resolved here, once.
package final class DaemonMetrics: Sendable {
    let requests = RequestCounts()
    private let registry = MetricRegistry(DaemonMetrics.descriptions)
    private let durations: [ListenerFace: CoreMetrics.Timer]
    private let denials: [DenialReason: Counter]
    private let openIMDS = Atomic<Int>(0)
    private let openContainer = Atomic<Int>(0)
    private let refreshAttempts: Counter
    private let refreshDuration: CoreMetrics.Timer
    private let auditFailures: Counter

    /// - Parameter startedAt: for `process_start_time_seconds`.
    init(startedAt: Date) {
        let registry = registry
        durations = Dictionary(
            uniqueKeysWithValues: ListenerFace.allCases.map { face in
                let labels = [("face", face.rawValue)]
                return (
                    face, Timer(label: "stsbrokerd_request_duration_seconds", dimensions: labels, factory: registry)
                )
            })
        // From the start at zero, so that Prometheus sees the first of each as a rise.
        denials = Dictionary(
            uniqueKeysWithValues: DenialReason.allCases.map { reason in
                let labels = [("reason", reason.rawValue)]
                return (
                    reason, Counter(label: "stsbrokerd_callers_denied_total", dimensions: labels, factory: registry)
                )
            })
        refreshAttempts = Counter(label: "stsbrokerd_refresh_attempts_total", factory: registry)
        refreshDuration = Timer(label: "stsbrokerd_refresh_duration_seconds", factory: registry)
        auditFailures = Counter(label: "stsbrokerd_audit_failures_total", factory: registry)
        registry.replace("stsbrokerd_build_info", with: [[Version.text]: 1])
        registry.replace("process_start_time_seconds", with: [[]: startedAt.timeIntervalSince1970.rounded()])
    }

    func duration(at face: ListenerFace) -> CoreMetrics.Timer? { durations[face] }

    func denied(_ reason: DenialReason) { denials[reason]?.increment() }

    /// A connection has opened (1) or closed (-1).
    func connections(at face: ListenerFace, changedBy change: Int) {
        switch face {
        case .instanceMetadata: openIMDS.add(change, ordering: .relaxed)
        case .containerCredentials: openContainer.add(change, ordering: .relaxed)
        }
    }

    /// - Parameter failure: `nil` if there are credentials now.
    func refreshed(after duration: Duration, _ failure: CredentialFailure?) {
        refreshAttempts.increment()
        let (seconds, attoseconds) = duration.components
        refreshDuration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        guard let failure else { return }
        Counter(
            label: "stsbrokerd_refresh_failures_total", dimensions: [("code", failure.code)], factory: registry
        ).increment()
    }

    func auditFailed() { auditFailures.increment() }

    /// Every metric in Prometheus's text format.
    /// - Parameter reports: what the cache knows at `now`.
    func text(_ reports: [CredentialKey: CredentialReport], isReady: Bool, now: Date) -> String {
        registry.replace("stsbrokerd_requests_total", with: requests.values)
        registry.replace(
            "stsbrokerd_connections",
            with: [
                [ListenerFace.instanceMetadata.rawValue]: Double(openIMDS.load(ordering: .relaxed)),
                [ListenerFace.containerCredentials.rawValue]: Double(openContainer.load(ordering: .relaxed)),
            ])
        registry.replace("stsbrokerd_ready", with: [[]: isReady ? 1 : 0])
        update(reports, now: now)
        for (name, value) in ProcessFigures.now { registry.replace(name, with: [[]: value]) }
        return registry.text()
    }

    private func update(_ reports: [CredentialKey: CredentialReport], now: Date) {
        var states = Dictionary(uniqueKeysWithValues: CredentialReport.State.allCases.map { ([$0.rawValue], 0.0) })
        var expiries: [[String]: Double] = [:]
        for (key, report) in reports {
            states[[report.state.rawValue], default: 0] += 1
            guard let left = report.expiration?.timeIntervalSince(now) else { continue }
            expiries[[key.role]] = min(expiries[[key.role]] ?? .infinity, left)
        }
        registry.replace("stsbrokerd_credentials", with: states)
        registry.replace("stsbrokerd_credentials_expiry_seconds", with: expiries)
    }
}
