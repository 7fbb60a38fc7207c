import Logging

/// What the log says of attempts: one line per change, not one per attempt.
struct AttemptLog: Sendable {
    private let logger: Logger

    init(_ logger: Logger) {
        self.logger = logger
    }

    func gateChanged(from before: OutboundGate, to after: OutboundGate) {
        switch (before.probeDate != nil, after.probeDate != nil) {
        case (false, true):
            logger.warning(
                "broker not reached, asking less often", metadata: ["reason": "\(after.outage, default: "")"])
        case (true, false): logger.info("broker reached again")
        default: break
        }
    }

    /// What users change themselves, as often as they like, is logged where they do.
    func failureChanged(of key: CredentialKey, from before: CredentialFailure?, to after: CredentialFailure?) {
        let facts: Logger.Metadata = ["role": "\(key.role)", "principal": "\(key.principal)"]
        switch (before, after) {
        case (let before, let after?) where before != after && !after.isOwnDoing:
            logger.warning("credentials can't be refreshed", metadata: facts.merging(["reason": "\(after)"]) { $1 })
        case (let before?, nil) where !before.isOwnDoing:
            logger.info("credentials are refreshed again", metadata: facts)
        default:
            logger.debug("refresh attempt ended", metadata: facts)
        }
    }
}
