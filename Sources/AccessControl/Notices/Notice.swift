package import FoundationEssentials

/// What people are told about a request. It says what happened when it happened, so that it stays true however late it arrives.
package struct Notice: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case approvalNeeded = "approval_needed"
        /// One of those who decide approves, and others must, too.
        case approvalGiven = "approval_given"
        case granted, denied, cancelled, expired, revoked, failed

        /// Whether the request waits still, for those who decide.
        package var isWaiting: Bool { self == .approvalNeeded || self == .approvalGiven }
    }

    package let kind: Kind
    package let requestID: RequestID
    /// Whoever asked.
    package let user: String
    package let policyID: String
    package let durationSeconds: Int
    package let reason: String?
    package let ticket: String?
    /// What the request narrows the session by.
    package let inlinePolicy: String?
    /// Whoever decided, cancelled or revoked; `nil` for the broker by itself.
    package let actor: String?
    package let comment: String?
    package let at: Date

    /// What `approval` has come to.
    package init(_ approval: ApprovalCase, actor: String?, comment: String?, at instant: Date) {
        switch approval.stored {
        case .pending: kind = approval.votes.isEmpty ? .approvalNeeded : .approvalGiven
        case .approved: kind = .granted
        case .denied: kind = .denied
        case .cancelled: kind = .cancelled
        case .expired: kind = .expired
        case .revoked: kind = .revoked
        case .failed: kind = .failed
        }
        requestID = approval.requestID
        user = approval.userName
        policyID = approval.content.policyID
        durationSeconds = approval.content.durationSeconds
        reason = approval.content.reason
        ticket = approval.content.ticket
        inlinePolicy = approval.content.inlinePolicy
        self.actor = actor
        self.comment = comment
        at = instant
    }
}

/// Where a notice goes.
package struct NoticeAddress: Codable, Sendable, Hashable {
    /// The name of one of the broker's notification targets.
    package let target: String
    /// The person's own address there; `nil` for whom the target itself names.
    package let recipient: String?

    package init(target: String, recipient: String? = nil) {
        self.target = target
        self.recipient = recipient
    }
}

/// A notice on its way to one address. Whoever gets it twice knows it by its id.
package struct AddressedNotice: Codable, Sendable, Equatable {
    /// 32 hexadecimal digits, random.
    package let id: String
    package let address: NoticeAddress
    package let notice: Notice

    package init(_ notice: Notice, to address: NoticeAddress) {
        id = RequestID.random().description
        self.address = address
        self.notice = notice
    }
}

extension ApprovalCase {
    /// Who is told what the case has come to: those who decide and, once it waits no longer, whoever asked, but not of
    /// what they have done themselves.
    package func notices(actor: Principal?, comment: String?, at instant: Date) -> [AddressedNotice] {
        let notice = Notice(self, actor: actor?.userName, comment: comment, at: instant)
        var addresses = (rule?.notify ?? []).map { NoticeAddress(target: $0) }
        if let requesterAddress, !notice.kind.isWaiting, actor?.id != content.requester {
            addresses.append(requesterAddress)
        }
        return addresses.map { AddressedNotice(notice, to: $0) }
    }
}
