import CallerIdentity
import Logging
import NIOCore

/// The log lines of one connection: each 404, and the first refusal, as far as ``CallerLogLines`` lets its origin.
final class ConnectionLog {
    private let logger: Logger
    private let listener: String
    private let origin: CallerOrigin?
    private let accountable: CallerOrigin?
    private let lines: CallerLogLines
    private var hasLoggedRefusal = false

    /// - Parameters:
    ///   - origin: whom the lines name.
    ///   - accountable: to whom they are counted.
    init(
        logger: Logger, listener: String, origin: CallerOrigin?, countedFor accountable: CallerOrigin?,
        lines: CallerLogLines
    ) {
        self.logger = logger
        self.listener = listener
        self.origin = origin
        self.accountable = accountable
        self.lines = lines
    }

    /// - Parameter instant: when the request was read.
    func record(_ note: MetadataResponse.Note, target: String?, at instant: NIODeadline) {
        switch note {
        case .pathNotFound:
            write(.info, "path not found", at: instant) { ["path": "\(Self.harmless(target ?? ""))"] }
        case .callerRefused(let reason):
            guard !hasLoggedRefusal else { return }
            hasLoggedRefusal = true
            write(.warning, "caller refused", at: instant) { ["reason": "\(reason)"] }
        }
    }

    private func write(
        _ level: Logger.Level, _ message: Logger.Message, at instant: NIODeadline, _ facts: () -> Logger.Metadata
    ) {
        lines.write(level, message, countedFor: accountable, to: logger, at: instant) {
            var metadata = CallerLogLines.naming(origin, in: facts())
            metadata["listener"] = "\(listener)"
            return metadata
        }
    }

    /// The path without its query, of printable ASCII, at most 200 characters.
    private static func harmless(_ target: String) -> String {
        let path = target.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }.prefix(200)
        return String(decoding: path.map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
