package import CredentialCache
package import FoundationEssentials

/// What the request path may ask of the cache; answers at once, from memory.
package protocol CredentialSource: Sendable {
    /// The state of `key` at `now`. Marks the role as asked for.
    func lookup(_ key: CredentialKey, now: Date) -> CredentialLookup

    /// Whether somebody has asked for `key` already. Does not count as asking for it.
    func isWanted(_ key: CredentialKey) -> Bool

    /// Calls back once, on any thread, when the next attempt for `key` has ended, or when none can be started. For
    /// requests that find nothing yet; the caller stops waiting by itself and then ignores the call.
    func awaitNextAttempt(_ key: CredentialKey, then resume: @escaping @Sendable () -> Void)
}

/// Its prepared forms are ``PreparedCredentials``; anything else is nothing.
extension CredentialCache: CredentialSource {}
