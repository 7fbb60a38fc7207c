package import AccessControl

/// Delivers notices to one target.
package protocol Messenger: Sendable {
    /// Returns once the other side has taken it over.
    func send(_ message: OutgoingNotice) async throws(DeliveryFailure)
}

/// A notice on its way out.
package struct OutgoingNotice: Sendable, Equatable {
    package let addressed: AddressedNotice
    /// Seconds since 1970.
    package let sentAt: Double
    /// The page of its request, which only shows; `nil` where there are no pages.
    package let link: String?

    package init(addressed: AddressedNotice, sentAt: Double, link: String? = nil) {
        self.addressed = addressed
        self.sentAt = sentAt
        self.link = link
    }
}

/// It is not delivered, and may be later.
package struct DeliveryFailure: Error, Equatable {
    /// For the log: completes "not delivered: …". Holds no secret.
    package let reason: String
    /// When the other side wants to be asked again; a wish, which counts for an hour at most.
    package let retryAfter: Duration?

    package init(_ reason: String, retryAfter: Duration? = nil) {
        self.reason = reason
        self.retryAfter = retryAfter
    }
}
