package import AccessControl
package import BrokerStore
package import FoundationEssentials
package import Logging
import ServiceLifecycle

/// Signs the audit trail's state now and then. What is left when the services have ended, ``seal(always:)`` signs: a
/// service can't, since all are cancelled when one fails or takes too long, and the database refuses who is.
package struct AuditSeal: Service {
    /// Between two looks.
    private static let pause = Duration.seconds(5)

    package let trail: any AuditCheckpoints
    package let publicKey: AuditPublicKey
    private let key: AuditSigningKey
    private let schedule: CheckpointSchedule
    private let logger: Logger
    private let now: @Sendable () -> Date

    package init(
        trail: any AuditCheckpoints, key: AuditSigningKey, schedule: CheckpointSchedule = CheckpointSchedule(),
        logger: Logger, now: @escaping @Sendable () -> Date
    ) {
        self.trail = trail
        self.key = key
        publicKey = key.publicKey
        self.schedule = schedule
        self.logger = logger
        self.now = now
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await seal()
                try? await ContinuousClock().sleep(for: Self.pause)
            }
        }
    }

    /// Writes a checkpoint if one is due, or if there is anything new at all. What doesn't follow from the checkpoint before is
    /// not signed.
    package func seal(always: Bool = false) async {
        do {
            let last = try await trail.lastCheckpoint()
            let instant = now()
            guard let head = try await trail.auditHead(), head.sequence > last?.sequence ?? 0,
                always || schedule.isDue(head: head.sequence, after: last, at: instant)
            else { return }
            let trusted = last.flatMap { $0.isSigned(by: publicKey) ? $0 : nil }
            if let broken = try await trail.firstBrokenAuditRecord(after: trusted) {
                logger.critical("audit trail broken, not signed", metadata: ["sequence": "\(broken)"])
                return
            }
            let milliseconds = Int64((instant.timeIntervalSince1970 * 1000).rounded(.down))
            try await trail.add(
                try key.checkpoint(sequence: head.sequence, hash: head.hash, milliseconds: milliseconds))
            logger.info("audit checkpoint", metadata: ["sequence": "\(head.sequence)", "hash": "\(head.hash)"])
        } catch {
            logger.error("audit checkpoint not written", metadata: ["error": "\(error)"])
        }
    }

    /// Looks at the trail from the last checkpoint that this key has signed, or at all of it, and says in the log what it finds. A
    /// broken trail is loud, and no reason to stop: who broke it could as well stop the broker that way.
    /// - Returns: whether it holds.
    package func verify(wholly: Bool = false) async throws(StoreError) -> Bool {
        let last = try await trail.lastCheckpoint()
        let isSigned = last?.isSigned(by: publicKey) ?? false
        if let last, !isSigned {
            // With the id of this key and another's signature, somebody wrote it who hasn't the key.
            let level: Logger.Level = last.keyID == publicKey.id ? .critical : .warning
            logger.log(
                level: level, "audit checkpoint is not signed by this key",
                metadata: ["sequence": "\(last.sequence)", "key_id": "\(excerpt(last.keyID))"])
        }
        let start = wholly || !isSigned ? nil : last
        if let broken = try await trail.firstBrokenAuditRecord(after: start) {
            logger.critical("audit trail broken", metadata: ["sequence": "\(broken)"])
            return false
        }
        if let head = try await trail.auditHead() {
            logger.info(
                "audit trail verified",
                metadata: [
                    "sequence": "\(head.sequence)", "hash": "\(head.hash)", "from": "\(start?.sequence ?? 1)",
                ])
        }
        return last == nil || isSigned || last?.keyID != publicKey.id
    }
}
