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

    /// What the log's level leaves out anyway isn't counted.
    private func write(
        _ level: Logger.Level, _ message: Logger.Message, at instant: NIODeadline, _ facts: () -> Logger.Metadata
    ) {
        guard logger.logLevel <= level, let leftOut = lines.admit(accountable, at: instant) else { return }
        if leftOut > 0 {
            let count: Logger.Metadata = ["count": "\(leftOut)"]
            logger.warning("log lines left out", metadata: Self.metadata(count, naming: accountable))
        }
        var metadata = Self.metadata(facts(), naming: origin)
        metadata["listener"] = "\(listener)"
        logger.log(level: level, message, metadata: metadata)
    }

    private static func metadata(_ facts: Logger.Metadata, naming origin: CallerOrigin?) -> Logger.Metadata {
        var facts = facts
        switch origin {
        case .user(let userID): facts["uid"] = "\(userID)"
        case .address(let address): facts["peer"] = "\(address)"
        case nil: break
        }
        return facts
    }

    /// The path without its query, of printable ASCII, at most 200 characters.
    private static func harmless(_ target: String) -> String {
        let path = target.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }.prefix(200)
        return String(decoding: path.map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
