import FoundationEssentials
import Synchronization

/// How often each of many may ask: one whose program asks in a loop must not take the broker from the others.
///
/// The generic cell rate algorithm (ITU-T I.371): of each of them only one instant is kept, when the requests so far would have
/// come at the allowed rate.
final class RequestPace<Key: Hashable & Sendable>: Sendable {
    /// A daemon that starts asks for all its roles at once: so many seconds' worth may come at once.
    static var burstSeconds: TimeInterval { 10 }

    /// Two generations, so that memory stays bounded however many there are, at no cost per request: when the younger is
    /// full, it becomes the older, and the older is forgotten. Who is forgotten may ask again at once.
    private struct Generations {
        var younger: [Key: TimeInterval] = [:]
        var older: [Key: TimeInterval] = [:]

        mutating func set(_ instant: TimeInterval, for key: Key, most: Int) {
            if younger[key] == nil, younger.count >= most {
                older = younger
                younger = [:]
            }
            younger[key] = instant
        }
    }

    private let interval: TimeInterval
    private let burst: TimeInterval
    private let most: Int
    private let generations = Mutex(Generations())

    /// - Parameters:
    ///   - perSecond: requests of one of them, over zero.
    ///   - burst: so many seconds' worth may come at once.
    ///   - most: of how many the requests are counted at least.
    init(perSecond: Double, burst: TimeInterval = burstSeconds, most: Int = 10_000) {
        interval = 1 / max(perSecond, .leastNonzeroMagnitude)
        self.burst = burst
        self.most = max(1, most)
    }

    /// The seconds to wait if a request comes too soon. A clock that is set back starts anew.
    /// - Parameter counting: whether the request counts, if it doesn't come too soon.
    func excess(of key: Key, at instant: Date, counting: Bool = true) -> TimeInterval? {
        let now = instant.timeIntervalSince1970
        return generations.withLock { generations in
            var conforming = max(generations.younger[key] ?? generations.older[key] ?? now, now)
            if conforming - now > 2 * burst { conforming = now }
            let excess = conforming + interval - now - burst
            guard excess <= 0 else { return excess }
            if counting { generations.set(conforming + interval, for: key, most: most) }
            return nil
        }
    }

    /// Of how many something is kept.
    var count: Int { generations.withLock { $0.younger.count + $0.older.count } }
}
