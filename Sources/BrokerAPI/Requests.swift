/// `POST /v1/requests`: ask for access, now or later. Credentials are had with `POST /v1/credentials` once it is granted.
package struct RequestCall: Codable, Sendable, Equatable {
    /// The policy's id.
    package var policy: String
    /// How long the access should last, in seconds; as long as the policy allows when absent.
    package var durationSeconds: Int?
    /// For those who decide.
    package var reason: String?
    /// What of the company's work it is for.
    package var ticket: String?
    /// An IAM policy as JSON text that narrows the session further.
    package var inlinePolicy: String?
    /// Whether less than ``durationSeconds`` will do.
    package var shorten: Bool?
    /// RFC 3339; as soon as it is granted when absent.
    package var startsAt: String?
    /// How whoever asks is told what becomes of it: `email`, `slack`, `sms` or `none`; by e-mail, if that can be, when absent.
    package var channel: String?

    package init(
        policy: String, durationSeconds: Int? = nil, reason: String? = nil, ticket: String? = nil,
        inlinePolicy: String? = nil, shorten: Bool? = nil, startsAt: String? = nil, channel: String? = nil
    ) {
        self.inlinePolicy = inlinePolicy
        self.channel = channel
        self.ticket = ticket
        self.shorten = shorten
        self.policy = policy
        self.durationSeconds = durationSeconds
        self.reason = reason
        self.startsAt = startsAt
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case policy, reason, ticket, shorten, channel
        case inlinePolicy = "inline_policy"
        case durationSeconds = "duration_seconds"
        case startsAt = "starts_at"
    }
}

/// A request as its requester and those who decide on it see it. Instants are RFC 3339.
package struct RequestSummary: Codable, Sendable, Equatable {
    package struct Vote: Codable, Sendable, Equatable {
        package var user: String
        /// `approve` or `deny`.
        package var decision: String
        package var comment: String?
        package var at: String

        package init(user: String, decision: String, comment: String?, at: String) {
            self.user = user
            self.decision = decision
            self.comment = comment
            self.at = at
        }
    }

    package var requestID: String
    /// `pending`, `scheduled`, `active`, `ended`, `denied`, `cancelled`, `expired`, `revoked` or `failed`.
    package var state: String
    package var user: String
    package var policy: String
    /// Which content of the policy was asked for.
    package var policyVersion: String?
    /// Twelve digits. Absent if the policy has changed since; so is ``risk``.
    package var account: String?
    /// 1..100.
    package var risk: Int?
    package var durationSeconds: Int
    package var reason: String?
    package var ticket: String?
    /// What the request itself narrows the session by.
    package var inlinePolicy: String?
    package var tags: [String: String]
    /// Where each tag's value comes from: `claim:NAME`, `default` or `broker`.
    package var tagSources: [String: String]?
    package var createdAt: String
    /// When it ends if nobody decides; absent once somebody has.
    package var expiresAt: String?
    package var startsAt: String?
    package var endsAt: String?
    /// What a decision must name: it stands for exactly what is shown here.
    package var contentHash: String
    package var approvalsNeeded: Int
    package var votes: [Vote]
    /// Whether it waits for whoever asks to decide on it; who has approved it may still deny it.
    package var mayDecide: Bool
    /// In the answer to the request: what was cut of what it asked for.
    package var shortened: ShortenedDuration?
    /// For those who decide on it, where the answer is this one request; absent if the policy has changed since.
    package var session: Session?

    package init(
        requestID: String, state: String, user: String, policy: String, durationSeconds: Int, reason: String?,
        tags: [String: String], createdAt: String, expiresAt: String?, startsAt: String?, endsAt: String?,
        contentHash: String, approvalsNeeded: Int, votes: [Vote], mayDecide: Bool, ticket: String? = nil,
        inlinePolicy: String? = nil, tagSources: [String: String]? = nil, shortened: ShortenedDuration? = nil,
        policyVersion: String? = nil, account: String? = nil, risk: Int? = nil, session: Session? = nil
    ) {
        self.policyVersion = policyVersion
        self.account = account
        self.risk = risk
        self.session = session
        self.ticket = ticket
        self.inlinePolicy = inlinePolicy
        self.tagSources = tagSources
        self.shortened = shortened
        self.requestID = requestID
        self.state = state
        self.user = user
        self.policy = policy
        self.durationSeconds = durationSeconds
        self.reason = reason
        self.tags = tags
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.contentHash = contentHash
        self.approvalsNeeded = approvalsNeeded
        self.votes = votes
        self.mayDecide = mayDecide
    }

    enum CodingKeys: String, CodingKey {
        case state, user, policy, account, risk, reason, ticket, tags, votes, shortened, session
        case policyVersion = "policy_version"
        case inlinePolicy = "inline_policy"
        case tagSources = "tag_sources"
        case requestID = "request_id"
        case durationSeconds = "duration_seconds"
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case startsAt = "starts_at"
        case endsAt = "ends_at"
        case contentHash = "content_hash"
        case approvalsNeeded = "approvals_needed"
        case mayDecide = "may_decide"
    }
}

/// Less than what was asked for, as the call has allowed.
package struct ShortenedDuration: Codable, Sendable, Equatable {
    package var askedSeconds: Int
    package var grantedSeconds: Int
    /// Whose limit it is, for people.
    package var reason: String

    package init(askedSeconds: Int, grantedSeconds: Int, reason: String) {
        self.askedSeconds = askedSeconds
        self.grantedSeconds = grantedSeconds
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case reason
        case askedSeconds = "asked_seconds"
        case grantedSeconds = "granted_seconds"
    }
}

/// The answer to `GET /v1/requests`: the newest first.
package struct RequestList: Codable, Sendable, Equatable {
    package var requests: [RequestSummary]
    /// Where the list goes on; `nil` at its end.
    package var nextToken: String?

    package init(requests: [RequestSummary], nextToken: String? = nil) {
        self.requests = requests
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case requests
        case nextToken = "next_token"
    }
}

/// `POST /v1/requests/{id}/decision`.
package struct DecisionCall: Codable, Sendable, Equatable {
    /// `approve` or `deny`.
    package var decision: String
    /// ``RequestSummary/contentHash`` as it was shown.
    package var contentHash: String
    /// For whoever asked, and for the audit trail.
    package var comment: String?

    package init(decision: String, contentHash: String, comment: String? = nil) {
        self.decision = decision
        self.contentHash = contentHash
        self.comment = comment
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case decision, comment
        case contentHash = "content_hash"
    }
}

/// `POST /v1/requests/states`: what became of these requests of one's own.
package struct StatesCall: Codable, Sendable, Equatable {
    /// At most 100.
    package var requestIDs: [String]

    package init(requestIDs: [String]) {
        self.requestIDs = requestIDs
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case requestIDs = "request_ids"
    }
}

/// The answer to it: by id; what isn't the caller's is left out.
package struct RequestStates: Codable, Sendable, Equatable {
    package var states: [String: String]

    package init(states: [String: String]) {
        self.states = states
    }
}
