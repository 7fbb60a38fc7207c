import AccessControl
package import BrokerStore
import FoundationEssentials
import Metrics
package import PrometheusText

/// What the broker counts about itself. docs/metrics.md says what each is good for; a test holds the two together.
package struct BrokerMetrics: Sendable {
    package let registry: MetricRegistry

    /// Counts for itself alone until somebody reads ``registry``.
    package init() {
        registry = MetricRegistry(Self.descriptions)
        Gauge(label: "stsbroker_build_info", dimensions: [("version", BrokerVersion.text)], factory: registry).record(1)
    }

    /// - Parameter route: the template of the path, not the path; `nil` if there is none.
    func answered(_ method: String, route: String?, status: Int, after duration: Duration) {
        let route = route ?? "none"
        // Methods are anybody's words.
        let known = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"]
        let labels = [("method", known.contains(method) ? method : "other"), ("route", route), ("status", "\(status)")]
        counter("stsbroker_http_requests_total", labels).increment()
        timer("stsbroker_http_request_duration_seconds", [("route", route)]).recordNanoseconds(duration.nanoseconds)
    }

    /// - Parameter limit: `address`, `principal` or `connections`.
    func limited(by limit: String) { counter("stsbroker_rate_limited_total", [("limit", limit)]).increment() }

    func signInFailed(_ problem: String) {
        counter("stsbroker_sign_in_failures_total", [("problem", problem)]).increment()
    }

    func decided(_ outcome: Decision.Outcome) {
        counter("stsbroker_decisions_total", [("outcome", outcome.rawValue)]).increment()
    }

    /// - Parameter outcome: `issued`, or the stable code of what stood in the way.
    func issued(_ outcome: String) { counter("stsbroker_issuances_total", [("outcome", outcome)]).increment() }

    /// - Parameter problem: `nil` if STS gave credentials.
    func assumed(after duration: Duration, problem: String?) {
        timer("stsbroker_sts_duration_seconds", []).recordNanoseconds(duration.nanoseconds)
        if let problem { counter("stsbroker_sts_failures_total", [("problem", problem)]).increment() }
    }

    /// - Parameter outcome: `delivered`, `postponed` or `given_up`.
    func notified(_ target: String, _ outcome: String) {
        counter("stsbroker_notices_total", [("target", target), ("outcome", outcome)]).increment()
    }

    func isReady(_ check: String, _ holds: Bool) {
        gauge("stsbroker_ready", [("check", check)]).record(holds ? 1 : 0)
    }

    func certificateExpires(at instant: Date) {
        gauge("stsbroker_tls_certificate_expiry_timestamp_seconds", []).record(instant.timeIntervalSince1970)
    }

    func isOpen(connections: Int) { gauge("stsbroker_connections", []).record(connections) }

    /// - Parameter figures: what the records have now.
    package func update(_ figures: RecordFigures) {
        gauge("stsbroker_audit_records", []).record(figures.auditRecords)
        let outbox = figures.outbox.map { ([$0.key], Double($0.value)) }
        registry.replace("stsbroker_outbox_notices", with: Dictionary(outbox) { first, _ in first })
    }
}

extension BrokerMetrics {
    private func counter(_ name: String, _ labels: [(String, String)]) -> Counter {
        Counter(label: name, dimensions: labels, factory: registry)
    }

    private func gauge(_ name: String, _ labels: [(String, String)]) -> Gauge {
        Gauge(label: name, dimensions: labels, factory: registry)
    }

    private func timer(_ name: String, _ labels: [(String, String)]) -> Metrics.Timer {
        Timer(label: name, dimensions: labels, factory: registry)
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        Int64(clamping: components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000)
    }
}
