package import CredentialCache
package import FoundationEssentials

/// What the request path may ask of the cache; answers at once, from memory.
package protocol CredentialSource: Sendable {
    /// The state of `key` at `now`. Marks the role as asked for.
    func lookup(_ key: CredentialKey, now: Date) -> CredentialLookup

    /// What of these could be handed out. Does not count as asking for it.
    func held(among keys: [CredentialKey], now: Date) -> [(key: CredentialKey, form: any PreparedForm)]

    /// Calls back once, on any thread, when the next attempt for `key` has ended, or when none can be started. For
    /// requests that find nothing yet; the caller stops waiting by itself and then ignores the call.
    func awaitNextAttempt(_ key: CredentialKey, then resume: @escaping @Sendable () -> Void)
}

/// Its prepared forms are ``PreparedCredentials``; anything else is nothing.
extension CredentialCache: CredentialSource {}
