import FoundationEssentials
import Synchronization

/// Which authentication failures are recorded: 60 in a minute at most, so that nobody without a token fills the disk.
/// Those in between are counted, and the next recorded one says how many they were.
final class FailureRecording: Sendable {
    private struct Minute {
        var start = Date.distantPast
        var admitted = 0
        var suppressed = 0
    }

    private let minute = Mutex(Minute())
    private static let mostInAMinute = 60

    /// How many failures went unrecorded before this one; `nil` if this one goes unrecorded as well.
    func admit(at instant: Date) -> Int? {
        minute.withLock { minute in
            if !(0..<60).contains(instant.timeIntervalSince(minute.start)) {
                minute.start = instant
                minute.admitted = 0
            }
            guard minute.admitted < Self.mostInAMinute else {
                minute.suppressed += 1
                return nil
            }
            minute.admitted += 1
            defer { minute.suppressed = 0 }
            return minute.suppressed
        }
    }
}
