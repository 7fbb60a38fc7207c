import CredentialCache
import FoundationEssentials
import MetadataServer

/// The cache as the request path sees it.
struct CachedCredentials: CredentialSource {
    let cache: CredentialCache<PreparedCredentials>

    func lookup(_ key: CredentialKey, now: Date) -> CredentialLookup {
        switch cache.lookup(key, now: now) {
        case .usable(let prepared): .usable(prepared)
        case .fetching: .fetching
        case .unavailable(let failure, let retryAfter):
            .unavailable(failure, retryAfter: retryAfter.map { .seconds($0) })
        }
    }

    func awaitNextAttempt(_ key: CredentialKey, then resume: @escaping @Sendable () -> Void) {
        cache.awaitNextAttempt(key, then: resume)
    }
}
