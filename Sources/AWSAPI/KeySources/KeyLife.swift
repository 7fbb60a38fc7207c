import FoundationEssentials

/// When the broker's own key is used, and when its source is asked again. Pure: the caller brings the time.
struct KeyLife: Sendable {
    /// So long before a key's end its source is asked for another; EC2 has the next one five minutes ahead at the latest.
    static let refreshAhead: TimeInterval = 15 * 60
    /// A key that ends sooner is used no more: the call must reach AWS before.
    static let margin: TimeInterval = 10
    /// A key whose end nobody knows is looked at so often, for someone may have put another in its place.
    static let lookAgain: TimeInterval = 5 * 60
    static let shortestPause: TimeInterval = 1
    static let longestPause: TimeInterval = 60

    private(set) var key: OwnKey?
    private var obtainedAt = Date.distantPast
    /// Failures since the last success, and the last of them.
    private(set) var failures = 0
    private var failure: (at: Date, error: AWSError)?
    /// AWS has refused the key.
    private var isRefused = false

    /// The key, as long as it can be used.
    func usable(at now: Date) -> OwnKey? {
        guard let key, key.expiration.map({ now < $0.addingTimeInterval(-Self.margin) }) ?? true else { return nil }
        return key
    }

    /// When the source is to be asked again.
    func nextAttempt(jitter: Double) -> Date {
        if let failure {
            let doubled = Self.shortestPause * Double(1 << min(max(failures - 1, 0), 16))
            return failure.at.addingTimeInterval(min(doubled, Self.longestPause) * (0.75 + jitter / 2))
        }
        guard let key, !isRefused else { return .distantPast }
        guard let expiration = key.expiration else { return obtainedAt.addingTimeInterval(Self.lookAgain) }
        // Of a short life, half; and never at once again, for the source may give the same key twice.
        let ahead = min(Self.refreshAhead, expiration.timeIntervalSince(obtainedAt) / 2)
        return max(expiration.addingTimeInterval(-ahead), obtainedAt.addingTimeInterval(Self.longestPause / 2))
    }

    /// Why there is no key, while the source need not be asked again; `nil` if it should be.
    func standingFailure(at now: Date, jitter: Double) -> AWSError? {
        guard let failure, now < nextAttempt(jitter: jitter), now >= failure.at else { return nil }
        return failure.error
    }

    mutating func succeed(_ key: OwnKey, at now: Date) {
        guard key.expiration.map({ now < $0.addingTimeInterval(-Self.margin) }) ?? true else {
            return fail(.keysUnavailable("its source gives one that has expired"), at: now)
        }
        self.key = key
        (obtainedAt, failures, failure, isRefused) = (now, 0, nil, false)
    }

    mutating func fail(_ error: AWSError, at now: Date) {
        failures += 1
        failure = (now, error)
    }

    /// AWS doesn't know the key any more: the source is asked before its time.
    mutating func refuse(_ accessKeyID: String) {
        guard key?.accessKey.accessKeyID == accessKeyID else { return }
        isRefused = true
    }
}
