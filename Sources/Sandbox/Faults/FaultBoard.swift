package import FoundationEssentials
import Synchronization

/// Which faults are armed, and how many requests came: shared by the proxies and the control endpoint.
package final class FaultBoard: Sendable {
    /// Counts are kept for so many different requests; the rest count as `other`.
    private static let countedRequests = 1000

    private struct Armed {
        var fault: Fault
        var since: Date

        var end: Date { since.addingTimeInterval(fault.seconds) }

        func acts(at time: Date, on path: String) -> Bool {
            guard time >= since, time < end, fault.path == nil || fault.path == path else { return false }
            guard let period = fault.periodSeconds else { return true }
            let phase = time.timeIntervalSince(since).truncatingRemainder(dividingBy: period)
            return phase < period / 2
        }
    }

    private struct State {
        var armed: [Armed] = []
        var counts: [FaultTarget: [String: Int]] = [:]
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Date

    package init(now: @escaping @Sendable () -> Date) {
        self.now = now
    }

    /// Arms a fault; one for the same target and path is replaced.
    package func arm(_ fault: Fault) {
        let time = now()
        state.withLock { state in
            state.armed.removeAll {
                $0.end <= time || $0.fault.target == fault.target && $0.fault.path == fault.path
            }
            state.armed.append(Armed(fault: fault, since: time))
        }
    }

    package func disarmAll() {
        state.withLock { $0.armed = [] }
    }

    /// The armed faults with the seconds that each has left.
    package var armed: [Fault] {
        let time = now()
        return state.withLock { state in
            state.armed.filter { $0.end > time }.map { armed in
                var fault = armed.fault
                fault.seconds = armed.end.timeIntervalSince(time)
                return fault
            }
        }
    }

    /// The fault that acts on a request now.
    package func fault(on target: FaultTarget, path: String) -> Fault? {
        let time = now()
        return state.withLock { state in
            state.armed.first { $0.fault.target == target && $0.acts(at: time, on: path) }?.fault
        }
    }

    /// Counts a request under `METHOD /path`.
    package func count(_ request: String, for target: FaultTarget) {
        state.withLock { state in
            let isKnown = state.counts[target]?[request] != nil
            let isFull = (state.counts[target]?.count ?? 0) >= Self.countedRequests
            state.counts[target, default: [:]][isKnown || !isFull ? request : "other", default: 0] += 1
        }
    }

    /// Requests by target and by `METHOD /path`; every target is there.
    package var counts: [String: [String: Int]] {
        state.withLock { state in
            let pairs = FaultTarget.allCases.map { ($0.rawValue, state.counts[$0] ?? [:]) }
            return Dictionary(pairs) { first, _ in first }
        }
    }

    package func resetCounts() {
        state.withLock { $0.counts = [:] }
    }
}
