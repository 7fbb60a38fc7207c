package import CredentialCache
package import FoundationEssentials
import Synchronization

/// Under which request of the broker each key's newest credentials were issued, until they end.
package final class IssuedGrants: Sendable {
    struct Issued: Sendable, Equatable {
        let requestID: String
        let expiration: Date
    }

    private let issued = Mutex<[CredentialKey: Issued]>([:])

    package init() {}

    package func note(_ requestID: String, for key: CredentialKey, until expiration: Date) {
        issued.withLock { $0[key] = Issued(requestID: requestID, expiration: expiration) }
    }

    func requestID(of key: CredentialKey) -> String? { issued.withLock { $0[key]?.requestID } }

    /// Those that still live at `now`, by whose they are. The others are forgotten.
    func living(at now: Date) -> [Principal: [CredentialKey: Issued]] {
        issued.withLock { issued in
            issued = issued.filter { $0.value.expiration > now }
            return Dictionary(grouping: issued, by: \.key.principal)
                .mapValues { Dictionary($0.map { ($0.key, $0.value) }) { first, _ in first } }
        }
    }

    /// Forgets it, unless there is a newer one by now.
    func forget(_ requestID: String, of key: CredentialKey) {
        issued.withLock { if $0[key]?.requestID == requestID { $0[key] = nil } }
    }
}
