/// One attempt to make, and what it was started under.
struct StartedAttempt: Sendable {
    let key: CredentialKey
    let generation: Int
}

/// What the end of an attempt has changed, if its result was still wanted.
struct EndedAttempt: Sendable {
    /// Why there were no new credentials until then, if an attempt had failed.
    let failureBefore: CredentialFailure?
    /// Why there are none now, if this one has failed.
    let failure: CredentialFailure?
    /// Whether something was held that is not any more.
    let isDropped: Bool
    /// Those who need not wait any more.
    let released: [CacheBooks.Waiter]
}
