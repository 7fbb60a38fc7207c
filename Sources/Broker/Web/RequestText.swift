import AccessControl
import Credentials
import FoundationEssentials

/// A request's facts in words for people.
enum RequestText {
    static func state(_ shown: ShownRequest) -> HTML {
        let own: HTML =
            switch shown.ownVote?.choice {
            case .approve?: " You approved it."
            case .deny?: " You denied it."
            case nil: ""
            }
        return "\(sentence(shown.approval, shown.state))\(own)"
    }

    private static func sentence(_ approval: ApprovalCase, _ state: RequestState) -> HTML {
        let end = approval.window.map { time($0.notAfter) } ?? ""
        switch state {
        case .pending:
            let missing = (approval.rule?.count ?? 0) - approval.votes.count
            let noun = missing == 1 ? "approval" : "approvals"
            return "It waits for \(missing) \(noun) until \(time(approval.expiresAt))."
        case .approved: return "It is approved."
        case .scheduled: return "It is granted, and begins at \(approval.window.map { time($0.notBefore) } ?? "")."
        case .active: return "It is granted until \(end)."
        case .ended: return "It was granted, and ended at \(end)."
        case .denied: return "It is denied."
        case .cancelled: return "It was cancelled."
        case .expired: return "Nobody decided on it until \(time(approval.expiresAt)), so it has expired."
        case .revoked: return "It was granted, and is revoked."
        case .failed: return "It was granted, and is void: what would be had is no longer what was approved."
        }
    }

    static func window(_ approval: ApprovalCase) -> HTML {
        if let window = approval.window { return "\(time(window.notBefore)) to \(time(window.notAfter))" }
        return approval.content.startsAt.map { "from \(time($0)), or from its approval if that is later" }
            ?? "from its approval"
    }

    static func time(_ date: Date) -> HTML {
        let text = AWSTimestamp.text(date)
        let words = text.replacing("T", with: " ").replacing("Z", with: " UTC")
        return "<time datetime=\"\(text)\">\(words)</time>"
    }

    /// Hours and minutes.
    static func duration(_ seconds: Int) -> String {
        let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60)
        if hours == 0 { return "\(minutes) min" }
        return minutes == 0 ? "\(hours) h" : "\(hours) h \(minutes) min"
    }
}
