/// Why there are no credentials, sorted by what the person at the machine can do about it. Texts complete the
/// sentence that ``message`` begins, and hold no secret.
package enum CredentialFailure: Error, Sendable, Equatable {
    /// Nobody signed in, or the sign-in ended: `stsbroker login`.
    case signInRequired
    /// The workload's token can't be used now; the text is a whole sentence that says what to do.
    case identityUnusable(String)
    /// The user has locked the daemon: `stsbroker unlock`.
    case locked
    /// Somebody has to approve first.
    case approvalPending(String)
    /// The broker's rules say no; what is held is dropped at once.
    case accessDenied(String)
    /// The broker can't do what is asked, whoever asks: a duration that AWS does not allow, a policy that is unusable. Says
    /// nothing about the right to what is held.
    case requestRefused(String)
    /// The broker has no such policy for this principal.
    case roleNotFound
    /// Passing: network, broker or AWS trouble.
    case brokerUnreachable(String)
    /// The last good ones ran out before new ones could be had.
    case credentialsExpired

    /// Whether it begins and ends as its user likes.
    package var isOwnDoing: Bool {
        switch self {
        case .locked, .signInRequired: true
        case .identityUnusable, .approvalPending, .accessDenied, .requestRefused, .roleNotFound, .brokerUnreachable,
            .credentialsExpired:
            false
        }
    }

    /// Whether credentials in hand must go: the refusal is about the right to have them, not about getting new ones.
    package var revokesHeldCredentials: Bool {
        switch self {
        case .accessDenied, .roleNotFound, .locked: true
        case .signInRequired, .identityUnusable, .approvalPending, .requestRefused, .brokerUnreachable,
            .credentialsExpired:
            false
        }
    }
}
