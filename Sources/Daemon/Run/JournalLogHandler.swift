import Logging
import Systemd

/// Logs to the system's journal, with a field for each fact. What the journal doesn't take at once goes to the text,
/// and what that doesn't take at once, either, is lost: but for the audit's lines, none waits here. The count of those
/// lost follows the next line that goes through.
struct JournalLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    private let label: String
    private let journal: JournalSocket
    private let text: LogStream
    private let otherwise: StreamLogHandler

    /// - Parameter text: one for all handlers.
    init(label: String, journal: JournalSocket, text: LogStream) {
        self.label = label
        self.journal = journal
        self.text = text
        otherwise = StreamLogHandler(label: label, stream: text)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }.map { ($0.key, "\($0.value)") }.sorted { $0 < $1 }
        guard send(event.message, event.level, facts) else { return otherwise.log(event: event) }
        text.tellLost { send("log lines lost", .warning, [("count", "\($0)")]) }
    }

    private func send(_ message: Logger.Message, _ level: Logger.Level, _ facts: [(String, String)]) -> Bool {
        var fields: [(name: String, value: String)] = [
            // What `journalctl` shows: the facts must be there, too.
            ("MESSAGE", (["\(message)"] + facts.map { "\($0.0)=\($0.1)" }).joined(separator: " ")),
            ("PRIORITY", Self.priority(of: level)),
            ("SYSLOG_IDENTIFIER", label),
            ("STSBROKER_EVENT", "\(message)"),
        ]
        fields += facts.map { (JournalSocket.fieldName($0.0, prefix: "STSBROKER_"), $0.1) }
        return journal.send(fields)
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
