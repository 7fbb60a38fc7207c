import CredentialCache
import FoundationEssentials

/// The cache as a request sees it, with the last word on expiry: whatever the source says, nothing leaves here that
/// ``PreparedCredentials/isServable(at:)`` forbids.
struct CredentialShelf: Sendable {
    let source: any CredentialSource

    enum Finding {
        case ready(PreparedCredentials)
        /// The next attempt may bring them.
        case wait
        case failed(MetadataError)
    }

    func find(_ key: CredentialKey, now: Date, isFinal: Bool) -> Finding {
        switch source.lookup(key, now: now) {
        case .usable(let form):
            if let credentials = form as? PreparedCredentials, credentials.isServable(at: now) {
                .ready(credentials)
            } else {
                isFinal ? .failed(.noCredentials(.credentialsExpired, retryAfter: nil)) : .wait
            }
        case .fetching: isFinal ? .failed(.stillFetching) : .wait
        case .unavailable(let failure, let retryAfter): .failed(.noCredentials(failure, retryAfter: retryAfter))
        }
    }
}
