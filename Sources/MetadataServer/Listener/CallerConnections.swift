import CallerIdentity
import Synchronization

/// How many connections each user, or address of another machine, holds, over all listeners that share this: one bad user must not use up the descriptors
/// that the others need.
package final class CallerConnections: Sendable {
    enum Admission: Sendable {
        case admitted
        /// Too many: the first request is told so, and the connection ends.
        case refused
        /// So many that not even that is worth a descriptor.
        case dropped
    }

    private let most: Int
    private let held = Mutex<[CallerOrigin?: Int]>([:])

    /// - Parameter most: connections that one user may hold; twice as many are told that they are too many.
    package init(most: Int) {
        self.most = most
    }

    /// Counts a connection, whatever the answer, until ``release(_:)``. `nil` stands for all users who are unknown.
    func admit(_ user: CallerOrigin?) -> Admission {
        let count = held.withLock { held in
            held[user, default: 0] += 1
            return held[user, default: 0]
        }
        return count <= most ? .admitted : count <= 2 * most ? .refused : .dropped
    }

    /// How many `user` holds now.
    func count(of user: CallerOrigin?) -> Int {
        held.withLock { $0[user] ?? 0 }
    }

    /// A connection that was counted has closed.
    func release(_ user: CallerOrigin?) {
        held.withLock { held in
            let rest = (held[user] ?? 0) - 1
            held[user] = rest > 0 ? rest : nil
        }
    }
}
