import FoundationEssentials
import Synchronization

/// A wall clock that stands on the full second at which it was made, until a test moves it.
final class MovableClock: Sendable {
    private let seconds = Mutex(Date().timeIntervalSinceReferenceDate.rounded(.down))

    var now: @Sendable () -> Date {
        { Date(timeIntervalSinceReferenceDate: self.seconds.withLock { $0 }) }
    }

    func advance(by seconds: TimeInterval) {
        self.seconds.withLock { $0 += seconds }
    }
}
