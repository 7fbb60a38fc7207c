package import FoundationEssentials

/// When to fetch: pure arithmetic on lifetimes, failures and a random number of 0..<1.
package struct RefreshSchedule: Sendable {
    /// Under this much left, credentials count as expired: a call signed with them could reach AWS too late.
    package static let leastUsable: TimeInterval = 15
    /// Several SDKs rewrite the expiry of IMDS credentials that have under 20 minutes left (botocore, and others by the
    /// same rule), and then use them after their death.
    package static let longestMargin: TimeInterval = 20 * 60

    /// After a refusal, a request may try again this much later: no state is terminal.
    package var refusalCoolDown: TimeInterval = 30
    /// How often somebody's approval is looked for.
    package var approvalPoll: TimeInterval = 30
    /// The longest pause between two attempts that fail.
    package var longestBackoff: TimeInterval = 60

    package init() {}

    /// How much must be left when the refresh begins: the larger of 20 minutes and a third of the lifetime; a third
    /// alone if the lifetime is under 40 minutes.
    package func margin(lifetime: TimeInterval) -> TimeInterval {
        lifetime < 2 * Self.longestMargin ? lifetime / 3 : max(Self.longestMargin, lifetime / 3)
    }

    /// The instant of the next refresh. The jitter, up to a tenth of the margin, only ever makes it earlier.
    package func refreshDate(issuedAt: Date, expiration: Date, random: Double) -> Date {
        let margin = margin(lifetime: max(0, expiration.timeIntervalSince(issuedAt)))
        return expiration.addingTimeInterval(-margin * (1 + 0.1 * random))
    }

    /// The pause after the `failures`-th failure in a row (from 1): exponential from half a second, jittered down to its
    /// half, at least what the other side asked for. While credentials are held, no longer than a quarter of what is left
    /// of them, so that a passing fault near their end is still overcome.
    package func backoff(failures: Int, retryAfter: TimeInterval?, usableFor: TimeInterval?, random: Double)
        -> TimeInterval
    {
        let exponential = min(longestBackoff, 0.5 * Double(1 << min(max(failures - 1, 0), 16)))
        var pause = exponential * (0.5 + 0.5 * random)
        if let usableFor, usableFor > 0 { pause = min(pause, max(1, usableFor / 4)) }
        return max(pause, min(retryAfter ?? 0, 3600))
    }
}
