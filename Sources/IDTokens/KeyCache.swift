import FoundationEssentials
import HTTPExchange
import OIDC

/// When to use an issuer's keys, when to fetch them again, and when to give up. A pure value: events and `now` go in,
/// the next step comes out.
///
/// Keys are fresh for 10 minutes, and serve for 24 hours while the issuer does not answer. A key id that is not there
/// causes one fetch at once, at most every 30 seconds, because anybody can make up key ids.
struct KeyCache: Sendable {
    static let freshness: TimeInterval = 600
    static let staleness: TimeInterval = 86_400
    static let pauseBetweenForcedFetches: TimeInterval = 30
    /// After a failed fetch, with old keys to go on with.
    static let pauseAfterFailure: TimeInterval = 30
    /// After a failed fetch, with nothing to go on with.
    static let pauseAfterFailureWithoutKeys: TimeInterval = 2

    enum Step: Equatable {
        case use([SigningKey])
        case fetch
        case refuse(IDTokenError)
    }

    private var keys: [SigningKey]?
    private var fetchedAt: Date?
    private var failure: (at: Date, reason: String)?
    private var forcedAt: Date?

    /// What to do for a token with this key id. `hasFetched` says that this very call already waited for a fetch.
    mutating func step(forKeyID keyID: String?, hasFetched: Bool, now: Date) -> Step {
        let usable = usableKeys(now: now)
        if !hasFetched, !isFresh(now: now), mayRetry(hasKeys: usable != nil, now: now) { return .fetch }
        guard let usable else { return .refuse(.keysUnavailable(failure?.reason ?? "none were fetched yet")) }
        let matches = keyID.map { id in usable.filter { $0.id == id } } ?? usable
        if !matches.isEmpty { return .use(matches) }
        if !hasFetched, isPast(forcedAt, by: Self.pauseBetweenForcedFetches, now: now) {
            forcedAt = now
            return .fetch
        }
        if let failure { return .refuse(.keysUnavailable(failure.reason)) }
        return .refuse(.unknownKey(Excerpt.line(keyID ?? "", limit: 64)))
    }

    mutating func succeed(_ keys: [SigningKey], at now: Date) {
        self.keys = keys
        fetchedAt = now
        failure = nil
    }

    mutating func fail(_ reason: String, at now: Date) {
        failure = (now, reason)
    }

    var isFailing: Bool { failure != nil }

    private func usableKeys(now: Date) -> [SigningKey]? {
        guard let fetchedAt, now.timeIntervalSince(fetchedAt) < Self.staleness else { return nil }
        return keys
    }

    /// A clock that went back makes keys unfresh rather than fresh for long.
    private func isFresh(now: Date) -> Bool {
        guard let fetchedAt else { return false }
        return (0..<Self.freshness).contains(now.timeIntervalSince(fetchedAt))
    }

    private func mayRetry(hasKeys: Bool, now: Date) -> Bool {
        isPast(failure?.at, by: hasKeys ? Self.pauseAfterFailure : Self.pauseAfterFailureWithoutKeys, now: now)
    }

    private func isPast(_ instant: Date?, by pause: TimeInterval, now: Date) -> Bool {
        guard let instant else { return true }
        return !(0..<pause).contains(now.timeIntervalSince(instant))
    }
}
