import CallerIdentity
import NIOCore
import Synchronization

/// How many log lines each user, or address of another machine, may cause, over all listeners that share this: one who
/// connects anew for each refusal, asks for what isn't there, or signs in and out in a loop, must not fill the log. The
/// audit's lines are not counted here.
///
/// The generic cell rate algorithm, as in ``CallerRequests``, with a count of what it has left out.
package final class CallerLogLines: Sendable {
    /// At once: enough for each path that a program tries which is set up wrongly.
    private static let burst: UInt64 = 20
    /// Nanoseconds from line to line after that: two a second, 172,800 a day. The rate that journald allows a service
    /// by default, 10,000 in 30 s (journald.conf(5)), is that of 166 such users.
    private static let interval: UInt64 = 500_000_000
    /// Beyond so many origins, those that may have a burst again are forgotten, with the count of what was left out. If
    /// there are still so many, further ones share the bucket of those who are unknown.
    static let mostOrigins = 1024

    private struct Bucket {
        /// When the lines so far would have come at the allowed rate, as uptime in nanoseconds.
        var conforming: UInt64
        /// Since the last line that was not.
        var leftOut = 0
    }

    private let buckets = Mutex<[CallerOrigin?: Bucket]>([:])

    package init() {}

    /// Counts a line. `nil` as `origin` stands for all who are unknown.
    /// - Returns: how many of this origin's lines were left out since the last one that was not; a line of its own that
    ///   says so is counted here, too. `nil` if this one is to be left out.
    func admit(_ origin: CallerOrigin?, at instant: NIODeadline) -> Int? {
        let now = instant.uptimeNanoseconds
        return buckets.withLock { buckets -> Int? in
            let key = Self.key(of: origin, in: &buckets, at: now)
            var bucket = buckets[key] ?? Bucket(conforming: now)
            defer { buckets[key] = bucket }
            bucket.conforming = max(bucket.conforming, now)
            guard bucket.conforming - now <= (Self.burst - 1) * Self.interval else {
                bucket.leftOut += 1
                return nil
            }
            let leftOut = bucket.leftOut
            bucket.leftOut = 0
            bucket.conforming += leftOut > 0 ? 2 * Self.interval : Self.interval
            return leftOut
        }
    }

    private static func key(
        of origin: CallerOrigin?, in buckets: inout [CallerOrigin?: Bucket], at now: UInt64
    ) -> CallerOrigin? {
        guard buckets.count >= mostOrigins, buckets[origin] == nil else { return origin }
        buckets = buckets.filter { $0.value.conforming > now }
        return buckets.count < mostOrigins ? origin : nil
    }
}
