package import AccessControl
package import FoundationEssentials

/// When the next checkpoint is due: after so many records, or so long after the last one if there is anything new.
package struct CheckpointSchedule: Sendable, Equatable {
    package let records: Int64
    /// In seconds.
    package let interval: TimeInterval

    /// A thousand records verify in a few milliseconds, and in ten minutes nobody writes a trail anew unseen.
    package init(records: Int64 = 1000, interval: TimeInterval = 600) {
        self.records = records
        self.interval = interval
    }

    /// - Parameters:
    ///   - head: the number of the trail's last record.
    ///   - last: `nil` before the first.
    package func isDue(head: Int64, after last: AuditCheckpoint?, at now: Date) -> Bool {
        let (sequence, milliseconds) = (last?.sequence ?? 0, last?.milliseconds ?? 0)
        guard head > sequence else { return false }
        let age = now.timeIntervalSince1970 - Double(milliseconds) / 1000
        // A clock that was set back must not keep the next one waiting.
        return head - sequence >= records || age >= interval || age < 0
    }
}
