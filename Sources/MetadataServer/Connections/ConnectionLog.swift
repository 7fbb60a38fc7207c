import CallerIdentity
import Logging

/// The log lines of one connection: each 404, and the first refusal, so that a caller who keeps asking does not fill the
/// log.
final class ConnectionLog {
    private let logger: Logger
    private let listener: String
    private let origin: CallerOrigin?
    private var hasLoggedRefusal = false

    init(logger: Logger, listener: String, origin: CallerOrigin?) {
        self.logger = logger
        self.listener = listener
        self.origin = origin
    }

    func record(_ note: MetadataResponse.Note, target: String?) {
        switch note {
        case .pathNotFound:
            logger.info("path not found", metadata: metadata(["path": "\(Self.harmless(target ?? ""))"]))
        case .callerRefused(let reason):
            guard !hasLoggedRefusal else { return }
            hasLoggedRefusal = true
            logger.warning("caller refused", metadata: metadata(["reason": "\(reason)"]))
        }
    }

    private func metadata(_ facts: Logger.Metadata) -> Logger.Metadata {
        var facts = facts
        facts["listener"] = "\(listener)"
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
