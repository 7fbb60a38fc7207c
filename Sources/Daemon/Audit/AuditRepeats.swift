import Synchronization

/// A count that is taken now and then, and is closed when there was nothing to take.
final class AuditRepeats: Sendable {
    private static let closed = -1
    private let count = Atomic<Int>(0)

    /// `false` if it is closed.
    func add() -> Bool {
        var before = count.load(ordering: .relaxed)
        while before != Self.closed {
            let (exchanged, now) = count.weakCompareExchange(
                expected: before, desired: before + 1, ordering: .acquiringAndReleasing)
            if exchanged { return true }
            before = now
        }
        return false
    }

    /// What was counted since the last call. 0 closes it.
    func take() -> Int {
        if count.compareExchange(expected: 0, desired: Self.closed, ordering: .acquiringAndReleasing).exchanged {
            return 0
        }
        let taken = count.exchange(0, ordering: .acquiringAndReleasing)
        guard taken == Self.closed else { return taken }
        count.store(Self.closed, ordering: .releasing)
        return 0
    }
}
