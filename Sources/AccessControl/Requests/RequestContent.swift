import Crypto
package import FoundationEssentials

/// All of what is approved: to another content, an approval does not apply.
package struct RequestContent: Codable, Sendable, Equatable {
    package let requester: PrincipalID
    package let policyID: String
    /// ``PolicyVersion``'s text.
    package let policyVersion: String
    package let tags: [PolicyTag]
    package let durationSeconds: Int
    package let reason: String?
    /// As whoever asks named it.
    package let ticket: String?
    /// What the request itself narrows the session by; see ``AccessRequest/inlinePolicy``.
    package let inlinePolicy: String?
    /// `nil`: as soon as it is approved.
    package let startsAt: Date?

    package init(
        requester: PrincipalID, policyID: String, policyVersion: PolicyVersion, tags: [PolicyTag],
        durationSeconds: Int, reason: String?, ticket: String? = nil, inlinePolicy: String? = nil,
        startsAt: Date?
    ) {
        self.requester = requester
        self.policyID = policyID
        self.policyVersion = policyVersion.description
        self.tags = tags
        self.durationSeconds = durationSeconds
        self.reason = reason
        self.ticket = ticket
        self.inlinePolicy = inlinePolicy
        self.startsAt = startsAt
    }

    /// The SHA-256 over the fields, in hex. Each is preceded by its length, so that no two contents have the same bytes.
    package var digest: String {
        var hash = SHA256()
        let start = startsAt.map { String(Int64($0.timeIntervalSince1970.rounded(.down))) }
        let pairs = tags.flatMap { [$0.key, $0.value] }
        let fields =
            [requester.issuer, requester.subject, policyID, policyVersion, String(durationSeconds)]
            + [reason.map { "=" + $0 } ?? "", start ?? "", String(tags.count)] + pairs
            // Contents without these keep the hash that they had before there were any; how many fields follow says which they are.
            + (ticket.map { [$0] } ?? [])
            + (inlinePolicy.map { ["inline_policy", $0] } ?? [])
        for field in fields { hash.update(data: Data("\(field.utf8.count):\(field)".utf8)) }
        return hexadecimal(hash.finalize())
    }

    /// Whether an approval of this is one of what `policy` would give the same requester now.
    package func isStillWhat(_ policy: AccessPolicy, tags: [PolicyTag]) -> Bool {
        policyID == policy.id && policyVersion == policy.version.description && self.tags.haveValues(of: tags)
    }

    /// Whether an approval of this would be one of what `other` asks for, by the same measure.
    package func isForTheSame(as other: RequestContent) -> Bool {
        requester == other.requester && policyID == other.policyID && policyVersion == other.policyVersion
            && tags.haveValues(of: other.tags)
    }
}
