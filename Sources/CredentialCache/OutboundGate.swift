import FoundationEssentials

/// What all attempts share, whatever they are for: how many may run at once, and a circuit breaker for when the broker is not
/// reached at all. A pure value.
///
///     closed ──outages in a row──▶ open until `probeDate` ──one attempt──▶ closed, or open for longer
///
/// An answer of any kind closes it, a refusal too: it means that the broker is there. So one role that fails alone never holds
/// up the others.
struct OutboundGate: Sendable {
    /// A daemon with many roles must not fall upon a broker that has just come back.
    static let mostAtOnce = 8
    static let outagesToOpen = 5
    /// The longest pause between two probes, in seconds: short beside the shortest lifetimes of credentials.
    static let longestPause: TimeInterval = 10

    private var running = 0
    private var outages = 0
    /// When the next attempt may be made, while the circuit is open.
    private(set) var probeDate: Date?
    /// Why it is open.
    private(set) var outage: CredentialFailure?

    /// How many attempts may start at `now`.
    func allowance(at now: Date) -> Int {
        guard let probeDate else { return max(0, Self.mostAtOnce - running) }
        return running == 0 && now >= probeDate ? 1 : 0
    }

    /// When an attempt that is due at `date` may start; `nil` for not before another has ended.
    func start(ofDue date: Date) -> Date? {
        if let probeDate { return running == 0 ? max(date, probeDate) : nil }
        return running < Self.mostAtOnce ? date : nil
    }

    mutating func started() {
        running += 1
    }

    /// - Parameter outage: why the broker was not reached, if it wasn't.
    mutating func ended(outage: CredentialFailure?, now: Date, random: Double) {
        running -= 1
        self.outage = outage
        guard outage != nil else { return (outages, probeDate) = (0, nil) }
        outages += 1
        guard outages >= Self.outagesToOpen else { return }
        let exponential = Double(1 << min(outages - Self.outagesToOpen, 16))
        probeDate = now.addingTimeInterval(min(Self.longestPause, exponential) * (0.5 + 0.5 * random))
    }

    /// The wall clock jumped: what was planned on the old one is over.
    mutating func replan(now: Date) {
        if probeDate != nil { probeDate = now }
    }
}
