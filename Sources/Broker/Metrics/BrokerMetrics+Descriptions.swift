package import PrometheusText

extension BrokerMetrics {
    /// From five milliseconds, under which nobody waits, to the ten seconds after which daemons give up.
    private static let seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    package static let descriptions: [MetricDescription] = [
        MetricDescription(
            "stsbroker_http_requests_total", .counter, labels: ["method", "route", "status"],
            help: "Requests answered, by the template of their path."),
        MetricDescription(
            "stsbroker_http_request_duration_seconds", .histogram(upperBounds: seconds), labels: ["route"],
            help: "Time from a request's head to its answer."),
        MetricDescription(
            "stsbroker_rate_limited_total", .counter, labels: ["limit"],
            help: "Requests and connections refused because there were too many."),
        MetricDescription(
            "stsbroker_sign_in_failures_total", .counter, labels: ["problem"],
            help: "Tokens that were presented and refused, and sign-ins in browsers that failed."),
        MetricDescription(
            "stsbroker_decisions_total", .counter, labels: ["outcome"], help: "Decisions of the rules."),
        MetricDescription(
            "stsbroker_issuances_total", .counter, labels: ["outcome"],
            help: "Attempts to mint credentials under a grant: issued, or what stood in the way."),
        MetricDescription(
            "stsbroker_sts_duration_seconds", .histogram(upperBounds: seconds), help: "Time that STS took to answer."),
        MetricDescription(
            "stsbroker_sts_failures_total", .counter, labels: ["problem"],
            help: "Calls of STS that gave no credentials."),
        MetricDescription(
            "stsbroker_outbox_notices", .gauge, labels: ["target"], help: "Notices that wait to be delivered."),
        MetricDescription(
            "stsbroker_notices_total", .counter, labels: ["target", "outcome"],
            help: "Attempts to deliver a notice."),
        MetricDescription("stsbroker_connections", .gauge, help: "Connections that are open."),
        MetricDescription(
            "stsbroker_tls_certificate_expiry_timestamp_seconds", .gauge,
            help: "Until when the certificate of the broker is good, in seconds since 1970."),
        MetricDescription("stsbroker_audit_records", .gauge, help: "Records in the audit trail."),
        MetricDescription(
            "stsbroker_ready", .gauge, labels: ["check"], help: "Whether a check of readiness holds: 1 or 0."),
        MetricDescription(
            "stsbroker_build_info", .gauge, labels: ["version"], help: "Always 1; the label says what runs."),
    ]
}
