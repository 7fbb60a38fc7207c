package import CredentialCache
package import FoundationEssentials

/// What the request path may ask of the cache; answers at once, from memory.
package protocol CredentialSource: Sendable {
    /// The state of `key` at `now`. Marks the role as asked for.
    func lookup(_ key: CredentialKey, now: Date) -> CredentialLookup

    /// Calls back once, on any thread, when the next attempt for `key` has ended, or when none can be started. For
    /// requests that find nothing yet; the caller stops waiting by itself and then ignores the call.
    func awaitNextAttempt(_ key: CredentialKey, then resume: @escaping @Sendable () -> Void)
}

/// What the cache holds for one key.
package enum CredentialLookup: Sendable {
    /// The last good credentials. The request path still checks their expiration itself.
    case usable(PreparedCredentials)
    /// None yet; an attempt is under way.
    case fetching
    /// None, and asking again does not help before `retryAfter`, if that is known.
    case unavailable(CredentialFailure, retryAfter: Duration?)
}
