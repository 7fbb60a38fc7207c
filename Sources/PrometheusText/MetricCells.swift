import CoreMetrics
import Synchronization

// The values behind swift-metrics' handles. Counting, setting and observing allocate nothing and wait for nobody for long.

/// A number that only rises.
final class CounterCell: CounterHandler, FloatingPointCounterHandler {
    private let total = Atomic<Double>(0)

    var value: Double { total.load(ordering: .relaxed) }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    /// What is negative or no number is passed over: a counter never falls.
    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        total.add(amount)
    }

    /// Prometheus takes a fall to zero for a restart.
    func reset() { total.store(0, ordering: .relaxed) }
}

/// A number that rises and falls.
final class GaugeCell: MeterHandler, RecorderHandler {
    private let current = Atomic<Double>(0)

    var value: Double { current.load(ordering: .relaxed) }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { current.store(value, ordering: .relaxed) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
    func increment(by amount: Double) { current.add(amount) }
    func decrement(by amount: Double) { current.add(-amount) }
}

/// Observations, counted by size.
final class HistogramCell: RecorderHandler, TimerHandler {
    struct Snapshot: Sendable, Equatable {
        /// Per bucket, the one without end last; not added up.
        var counts: [UInt64]
        var sum: Double
    }

    let upperBounds: [Double]
    private let state: Mutex<Snapshot>

    init(upperBounds: [Double]) {
        self.upperBounds = upperBounds
        state = Mutex(Snapshot(counts: [UInt64](repeating: 0, count: upperBounds.count + 1), sum: 0))
    }

    var snapshot: Snapshot { state.withLock { $0 } }

    /// What is no number is passed over.
    func record(_ value: Double) {
        guard !value.isNaN else { return }
        state.withLock { state in
            state.counts[upperBounds.firstIndex { value <= $0 } ?? upperBounds.count] += 1
            state.sum += value
        }
    }

    func record(_ value: Int64) { record(Double(value)) }

    /// A timer's unit is the second, as Prometheus wants it.
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}

extension Atomic<Double> {
    fileprivate func add(_ amount: Double) {
        var before = load(ordering: .relaxed)
        while true {
            let (exchanged, now) = weakCompareExchange(expected: before, desired: before + amount, ordering: .relaxed)
            if exchanged { return }
            before = now
        }
    }
}
