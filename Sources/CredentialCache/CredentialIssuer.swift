package import Credentials

/// Where the cache gets credentials from; a call may take as long as the network does.
package protocol CredentialIssuer: Sendable {
    func issue(_ key: CredentialKey) async throws(IssueFailure) -> SessionCredentials
}

/// One failed attempt.
package struct IssueFailure: Error, Sendable, Equatable {
    package let failure: CredentialFailure
    /// What the other side asked for by `Retry-After`.
    package let retryAfter: Duration?
    /// Whether nobody was reached who could have answered, so that attempts for other keys would fare no better.
    package let isOutage: Bool

    package init(_ failure: CredentialFailure, retryAfter: Duration? = nil, isOutage: Bool = false) {
        self.failure = failure
        self.retryAfter = retryAfter
        self.isOutage = isOutage
    }
}
