import Logging
import Synchronization

/// The requests in the records that can't be read: lists go on without them, and the log names each once.
final class UnreadableRequests: Sendable {
    private let known = Mutex<Set<String>>([])

    func report(_ ids: [String], to logger: Logger) {
        for id in ids where known.withLock({ $0.insert(id).inserted }) {
            logger.error("request unreadable, left out of lists", metadata: ["request": "\(id)"])
        }
    }
}
