import Logging
import Synchronization

/// A log handler that keeps what it is given, as `LEVEL MESSAGE METADATA`.
final class LogRecords: LogHandler {
    private let records = Mutex<[String]>([])

    var lines: [String] { records.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        records.withLock { $0.append("\(event.level) \(event.message) \(metadata.joined(separator: " "))") }
    }
}
