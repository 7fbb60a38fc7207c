package import FoundationEssentials
import Synchronization

/// A wall clock for tests: it shows what it was told, plus what ``clock`` has moved on since.
package final class ManualTime: Sendable {
    package let clock = TestClock()
    private let start: Mutex<Date>

    package init(_ start: Date = Date(timeIntervalSince1970: 1_800_000_000)) {
        self.start = Mutex(start)
    }

    package var now: Date {
        let passed = clock.now.offset.components
        return start.withLock { $0 }.addingTimeInterval(Double(passed.seconds) + Double(passed.attoseconds) * 1e-18)
    }

    /// Sets the wall clock only, as an administrator or NTP would.
    package func jumpWallClock(by seconds: TimeInterval) {
        start.withLock { $0 += seconds }
    }
}
