import Logging
import Systemd

/// Logs to the system's journal, with a field for each fact. What the journal doesn't take goes to standard error.
struct JournalLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    private let label: String
    private let journal: JournalSocket
    private let otherwise: StreamLogHandler

    init(label: String, journal: JournalSocket) {
        self.label = label
        self.journal = journal
        otherwise = .standardError(label: label)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }.map { ($0.key, "\($0.value)") }.sorted { $0 < $1 }
        var fields: [(name: String, value: String)] = [
            // What `journalctl` shows: the facts must be there, too.
            ("MESSAGE", (["\(event.message)"] + facts.map { "\($0.0)=\($0.1)" }).joined(separator: " ")),
            ("PRIORITY", Self.priority(of: event.level)),
            ("SYSLOG_IDENTIFIER", label),
            ("STSBROKER_EVENT", "\(event.message)"),
        ]
        fields += facts.map { (JournalSocket.fieldName($0.0, prefix: "STSBROKER_"), $0.1) }
        if !journal.send(fields) { otherwise.log(event: event) }
    }

    /// As syslog(3) counts.
    private static func priority(of level: Logger.Level) -> String {
        switch level {
        case .critical: "2"
        case .error: "3"
        case .warning: "4"
        case .notice: "5"
        case .info: "6"
        case .debug, .trace: "7"
        }
    }
}
