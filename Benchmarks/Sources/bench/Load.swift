import Histogram
import NIOCore
import NIOPosix

/// Closed-loop load: each connection sends its next request when the answer has come.
struct Load: Sendable {
    let scenario: Scenario
    let duration: Duration

    struct Result: Sendable {
        let requestsPerSecond: Double
        /// In nanoseconds.
        let latencies: Histogram<UInt64>
        /// Microseconds of the server's processor time for each request.
        let processorTime: Double
    }

    /// Warms up for a second, then measures; `server` is the process whose processor time counts.
    func measure(_ target: Target, server: Int32) async throws -> Result {
        _ = try await run(target, for: .seconds(1))
        let before = try ServerUsage(of: server)
        let start = ContinuousClock.now
        let latencies = try await run(target, for: duration)
        let elapsed = ContinuousClock.now - start
        let used = try ServerUsage(of: server).processorSeconds - before.processorSeconds
        let count = Double(latencies.totalCount)
        return Result(
            requestsPerSecond: count / elapsed.seconds, latencies: latencies, processorTime: used * 1e6 / count)
    }

    private func run(_ target: Target, for duration: Duration) async throws -> Histogram<UInt64> {
        let end = ContinuousClock.now + duration
        return try await withThrowingTaskGroup(of: Histogram<UInt64>.self) { group in
            for _ in 0..<scenario.connections {
                group.addTask {
                    scenario.keepsAlive
                        ? try await askAgain(target, until: end) : try await reconnect(target, until: end)
                }
            }
            var all = Histogram<UInt64>.ofLatencies()
            for try await part in group { all.add(part) }
            return all
        }
    }

    private func askAgain(_ target: Target, until end: ContinuousClock.Instant) async throws -> Histogram<UInt64> {
        var latencies = Histogram<UInt64>.ofLatencies()
        let client = try await Client.connect(to: target)
        try await client.run { ask in
            while ContinuousClock.now < end { try await latencies.time(ask) }
        }
        return latencies
    }

    private func reconnect(_ target: Target, until end: ContinuousClock.Instant) async throws -> Histogram<UInt64> {
        var latencies = Histogram<UInt64>.ofLatencies()
        while ContinuousClock.now < end {
            try await latencies.time {
                let client = try await Client.connect(to: target)
                try await client.run { ask in try await ask() }
            }
        }
        return latencies
    }
}

extension Histogram<UInt64> {
    /// One microsecond to a minute, three digits.
    static func ofLatencies() -> Self {
        Self(lowestDiscernibleValue: 1000, highestTrackableValue: 60_000_000_000)
    }

    mutating func time(_ body: () async throws -> Void) async throws {
        let start = ContinuousClock.now
        try await body()
        record(UInt64(Swift.max(0, (ContinuousClock.now - start).seconds * 1e9)))
    }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
