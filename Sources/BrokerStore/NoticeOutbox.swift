package import AccessControl
package import FoundationEssentials

/// Notices that are still to be delivered. They are put there by the very write that they tell about, so none is lost and none
/// tells of what didn't happen; each stays until somebody says that it is delivered.
package protocol NoticeOutbox: Sendable {
    /// At most `limit` of those that are due, the longest due first; without those to the targets named `busy`.
    func dueNotices(at instant: Date, limit: Int, without busy: Set<String>) async throws(StoreError) -> DueNotices

    /// It is delivered, or given up. One that isn't there any more is no error.
    func removeNotice(_ id: String) async throws(StoreError)

    /// It was tried once more, and is due again at `instant`.
    func postponeNotice(_ id: String, until instant: Date) async throws(StoreError)
}

extension NoticeOutbox {
    /// To any target.
    package func dueNotices(at instant: Date, limit: Int) async throws(StoreError) -> DueNotices {
        try await dueNotices(at: instant, limit: limit, without: [])
    }
}

/// What is due in the outbox.
package struct DueNotices: Sendable, Equatable {
    package let notices: [QueuedNotice]
    /// The ids of those that can't be read, and never will be.
    package let unreadable: [String]

    package init(notices: [QueuedNotice], unreadable: [String]) {
        self.notices = notices
        self.unreadable = unreadable
    }
}

/// A notice in the outbox.
package struct QueuedNotice: Sendable, Equatable {
    package let addressed: AddressedNotice
    package let createdAt: Date
    /// How often delivering it has failed.
    package let failures: Int

    package init(_ addressed: AddressedNotice, createdAt: Date, failures: Int) {
        self.addressed = addressed
        self.createdAt = createdAt
        self.failures = failures
    }
}
