package import CallerIdentity
package import Logging
package import NIOCore

extension CallerLogLines {
    /// Writes a line that `origin` has caused, unless it is to be left out; if others were, one that says how many goes
    /// before it. What the log's level leaves out anyway isn't counted.
    package func write(
        _ level: Logger.Level, _ message: Logger.Message, countedFor origin: CallerOrigin?, to logger: Logger,
        at instant: NIODeadline = .now(), metadata: () -> Logger.Metadata
    ) {
        guard logger.logLevel <= level, let leftOut = admit(origin, at: instant) else { return }
        if leftOut > 0 {
            logger.warning("log lines left out", metadata: Self.naming(origin, in: ["count": "\(leftOut)"]))
        }
        logger.log(level: level, message, metadata: metadata())
    }

    /// The facts of a line, with whom they are about.
    static func naming(_ origin: CallerOrigin?, in facts: Logger.Metadata) -> Logger.Metadata {
        var facts = facts
        switch origin {
        case .user(let userID): facts["uid"] = "\(userID)"
        case .address(let address): facts["peer"] = "\(address)"
        case nil: break
        }
        return facts
    }
}
