import CallerIdentity
import NIOCore
import Synchronization

/// How often each user, or address of another machine, may ask, over all listeners that share this: one who asks in a loop must not take the processor
/// from the others.
///
/// The generic cell rate algorithm (ITU-T I.371): of each user only one instant is kept, when the requests so far would
/// have come at the allowed rate.
package final class CallerRequests: Sendable {
    /// A program that starts many workers asks in a burst: so many seconds' worth may come at once.
    private static let burstSeconds: UInt64 = 5
    /// Beyond so many users, those whose burst is over are forgotten.
    private static let mostUsers = 1024

    private let interval: UInt64
    private let tolerance: UInt64
    private let conformingInstants = Mutex<[CallerOrigin?: UInt64]>([:])

    /// - Parameter perSecond: requests of one user, at least one.
    package init(perSecond: Int) {
        interval = 1_000_000_000 / UInt64(max(1, perSecond))
        tolerance = Self.burstSeconds * 1_000_000_000
    }

    /// Counts a request; `false` if it comes too soon. `nil` stands for all users who are unknown.
    func admit(_ user: CallerOrigin?, at instant: NIODeadline) -> Bool {
        let now = instant.uptimeNanoseconds
        return conformingInstants.withLock { instants in
            let conforming = max(instants[user] ?? now, now)
            guard conforming + interval - now <= tolerance else { return false }
            if instants.count >= Self.mostUsers { instants = instants.filter { $0.value > now } }
            instants[user] = conforming + interval
            return true
        }
    }
}
