package import PrometheusText

extension DaemonMetrics {
    /// From what a request takes that finds its credentials in memory, to a little over the time that one may wait.
    private static let answerSeconds = [
        0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1,
    ]
    private static let refreshSeconds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    /// All that the daemon exposes; docs/operations.md says what each is good for.
    package static let descriptions: [MetricDescription] = [
        MetricDescription(
            "stsbrokerd_requests_total", .counter, labels: ["face", "code", "sdk"],
            help: "Requests answered, by the HTTP status and the family of the SDK."),
        MetricDescription(
            "stsbrokerd_request_duration_seconds", .histogram(upperBounds: answerSeconds), labels: ["face"],
            help: "Time from a request's end to its answer."),
        MetricDescription(
            "stsbrokerd_callers_denied_total", .counter, labels: ["reason"],
            help: "Requests and connections turned away because of who or what sent them."),
        MetricDescription(
            "stsbrokerd_connections", .gauge, labels: ["face"], help: "Connections of SDKs that are open."),
        MetricDescription(
            "stsbrokerd_credentials", .gauge, labels: ["state"],
            help: "Credentials that somebody has asked for, by state."),
        MetricDescription(
            "stsbrokerd_credentials_expiry_seconds", .gauge, labels: ["role"],
            help: "Seconds until the first credentials of a role that are held expire."),
        MetricDescription(
            "stsbrokerd_refresh_attempts_total", .counter, help: "Attempts to get credentials from the broker."),
        MetricDescription(
            "stsbrokerd_refresh_failures_total", .counter, labels: ["code"],
            help: "Attempts to get credentials that failed, by the code that callers are told."),
        MetricDescription(
            "stsbrokerd_refresh_duration_seconds", .histogram(upperBounds: refreshSeconds),
            help: "Time that an attempt to get credentials took."),
        MetricDescription(
            "stsbrokerd_audit_failures_total", .counter, help: "Audit lines that could not be written."),
        MetricDescription(
            "stsbrokerd_ready", .gauge, help: "Whether the daemon serves its listeners: 1 or 0."),
        MetricDescription(
            "stsbrokerd_build_info", .gauge, labels: ["version"], help: "Always 1; the label says what runs."),
        MetricDescription(
            "process_cpu_seconds_total", .counter, help: "Processor time of the process, user and system."),
        MetricDescription(
            "process_resident_memory_bytes", .gauge, help: "Memory of the process that is resident."),
        MetricDescription("process_virtual_memory_bytes", .gauge, help: "Address space of the process."),
        MetricDescription("process_open_fds", .gauge, help: "File descriptors that are open."),
        MetricDescription("process_max_fds", .gauge, help: "File descriptors that may be open."),
        MetricDescription(
            "process_start_time_seconds", .gauge, help: "When the process started, in seconds since 1970."),
    ]
}
