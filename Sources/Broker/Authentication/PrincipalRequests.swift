import AccessControl
import FoundationEssentials
import Synchronization

/// How often each principal may ask: one whose program asks in a loop must not take the broker from the others.
///
/// The generic cell rate algorithm (ITU-T I.371): of each principal only one instant is kept, when the requests so far would have
/// come at the allowed rate.
final class PrincipalRequests: Sendable {
    /// A daemon that starts asks for all its roles at once: so many seconds' worth may come at once.
    private static let burstSeconds: TimeInterval = 10
    /// Beyond so many principals, those whose burst is over are forgotten.
    private static let mostPrincipals = 10_000

    private let interval: TimeInterval
    private let conformingInstants = Mutex<[PrincipalID: TimeInterval]>([:])

    /// - Parameter perSecond: requests of one principal, at least one.
    init(perSecond: Int) {
        interval = 1 / Double(max(1, perSecond))
    }

    /// Counts a request; the seconds to wait if it comes too soon. A clock that is set back starts anew.
    func excess(of principal: PrincipalID, at instant: Date) -> TimeInterval? {
        let now = instant.timeIntervalSince1970
        return conformingInstants.withLock { instants in
            var conforming = max(instants[principal] ?? now, now)
            if conforming - now > 2 * Self.burstSeconds { conforming = now }
            let excess = conforming + interval - now - Self.burstSeconds
            guard excess <= 0 else { return excess }
            if instants.count >= Self.mostPrincipals { instants = instants.filter { $0.value > now } }
            instants[principal] = conforming + interval
            return nil
        }
    }
}
