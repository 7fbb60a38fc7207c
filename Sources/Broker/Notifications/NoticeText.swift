import AccessControl
import HTTPExchange

/// A notice in words. All of it that people wrote is cut to one line each, so that nobody's reason looks like a line of ours.
struct NoticeText: Sendable, Equatable {
    /// At most 240 characters.
    let subject: String
    let lines: [String]

    /// - Parameter link: the page of its request; `nil` where there are no pages.
    init(_ notice: Notice, link: String? = nil) {
        let user = Self.line(notice.user, limit: 64)
        let policy = Self.line(notice.policyID, limit: 64)
        let actor = notice.actor.map { Self.line($0, limit: 64) }
        switch notice.kind {
        case .approvalNeeded: subject = "\(user) asks for \(policy)"
        case .approvalGiven: subject = "\(policy) for \(user) is approved\(Self.by(actor)) and waits for others"
        case .granted: subject = "\(policy) is granted to \(user)\(Self.by(actor))"
        case .denied: subject = "\(policy) is denied to \(user)\(Self.by(actor))"
        case .cancelled: subject = "\(user) no longer asks for \(policy)"
        case .expired: subject = "Nobody has decided in time whether \(user) may have \(policy)"
        case .revoked: subject = "\(policy) is revoked from \(user)\(Self.by(actor))"
        case .failed: subject = "\(policy) for \(user) is void: the policy has changed"
        }
        var lines = ["\(subject).", "Duration: \(RequestText.duration(notice.durationSeconds))"]
        if let reason = notice.reason { lines.append("Reason: \(Self.line(reason, limit: 500))") }
        if let ticket = notice.ticket { lines.append("Ticket: \(Self.line(ticket, limit: 128))") }
        if notice.inlinePolicy != nil { lines.append("Narrowed by an inline policy of the request") }
        if let comment = notice.comment { lines.append("Comment: \(Self.line(comment, limit: 500))") }
        lines.append("Request: \(notice.requestID)")
        if let link { lines.append("To look at it\(notice.kind.isWaiting ? " and decide" : ""): \(link)") }
        if notice.kind.isWaiting {
            let start = link == nil ? "To look at it and decide" : "Or"
            lines.append("\(start), run: stsbroker approve \(notice.requestID)")
            lines.append("or: stsbroker deny \(notice.requestID)")
        }
        self.lines = lines
    }

    private static func by(_ actor: String?) -> String { actor.map { " by \($0)" } ?? "" }

    private static func line(_ text: String, limit: Int) -> String { Excerpt.line(text, limit: limit) }
}
