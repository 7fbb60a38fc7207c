import FoundationEssentials
import Synchronization

/// Compares the wall clock with a steady one, to notice that somebody set the wall clock or that the machine slept.
struct ClockWatch<Instant: InstantProtocol> where Instant.Duration == Duration {
    /// Slewing and scheduling stay far below this; a jump that matters is above it.
    private static var tolerance: TimeInterval { 5 }

    private var wall: Date
    private var steady: Instant

    init(wall: Date, steady: Instant) {
        self.wall = wall
        self.steady = steady
    }

    /// How far the wall clock has moved away from the steady one since the last call: ahead, or back if negative. `nil` if
    /// that is too little to matter.
    mutating func jump(wall newWall: Date, steady newSteady: Instant) -> TimeInterval? {
        let apart = newWall.timeIntervalSince(wall) - steady.duration(to: newSteady).timeInterval
        (wall, steady) = (newWall, newSteady)
        return abs(apart) > Self.tolerance ? apart : nil
    }
}

/// Remembers the earliest timer that is running, so that a later one isn't started in vain.
final class ArmedTimer<Instant: Comparable & Sendable>: Sendable {
    private let earliest = Mutex<Instant?>(nil)

    /// Whether a timer for `instant` is needed; if so, the caller starts it and reports ``fired(at:)``.
    func arm(at instant: Instant) -> Bool {
        earliest.withLock { earliest in
            if let earliest, earliest <= instant { return false }
            earliest = instant
            return true
        }
    }

    func fired(at instant: Instant) {
        earliest.withLock { if $0 == instant { $0 = nil } }
    }
}
