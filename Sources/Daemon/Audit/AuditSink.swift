import Logging
import Synchronization

/// Where the audit's lines go.
protocol AuditSink: Sendable {
    func write(_ record: AuditRecord)
    /// Something else may be under the name by now.
    func reopen()
}

/// The daemon's log, which is the journal's where the daemon runs under systemd. Its level doesn't silence it.
struct AuditToLog: AuditSink {
    /// Milliseconds that a line may wait for a log that doesn't keep up: at a window's end many come at once, from a task
    /// that no caller waits for. Our choice: a log that is read at all has room again long before.
    private static let patience: CInt = 1000

    private let logger: Logger

    init(_ logger: Logger) {
        var logger = logger
        logger.logLevel = min(logger.logLevel, .info)
        self.logger = logger
    }

    func write(_ record: AuditRecord) {
        let level: Logger.Level = record.kind.outcome == AuditKind.issued ? .info : .notice
        LogStream.$patience.withValue(Self.patience) {
            logger.log(level: level, record.message, metadata: record.metadata)
        }
    }

    func reopen() {}
}

/// A file of its own, a JSON object a line.
final class AuditToFile: AuditSink {
    private let path: String
    private let mode: UInt32
    private let file: Mutex<AuditFile>
    private let hasFailed = Mutex(false)
    private let logger: Logger
    private let onFailure: @Sendable () -> Void

    /// - Parameters:
    ///   - mode: of a file that is not there yet.
    ///   - onFailure: called for each line that is lost.
    /// - Throws: if the file can't be used.
    init(
        path: String, mode: UInt32, logger: Logger, onFailure: @escaping @Sendable () -> Void
    ) throws(AuditFileFault) {
        self.path = path
        self.mode = mode
        self.logger = logger
        self.onFailure = onFailure
        file = Mutex(try AuditFile(path: path, mode: mode))
    }

    /// A line that can't be written is counted, and the log has it instead.
    func write(_ record: AuditRecord) {
        let isWritten = file.withLock { $0.append(record.line) }
        let isChange = hasFailed.withLock { hasFailed in
            defer { hasFailed = !isWritten }
            return hasFailed == isWritten
        }
        if isWritten {
            if isChange { logger.notice("audit written again", metadata: ["file": "\(path)"]) }
            return
        }
        onFailure()
        if isChange { logger.error("audit not written, the log has it", metadata: ["file": "\(path)"]) }
        AuditToLog(logger).write(record)
    }

    /// If the file can't be had, the one that is open goes on.
    func reopen() {
        do throws(AuditFileFault) {
            let new = try AuditFile(path: path, mode: mode)
            file.withLock { $0 = new }
        } catch {
            logger.error("audit file not reopened", metadata: ["reason": "\(error)"])
        }
    }
}
