import AccessControl
import BrokerStore

/// Policies, each read once, where many requests are looked at in one go.
struct KnownPolicies {
    /// With `nil` of those that are gone.
    private var byID: [String: AccessPolicy?] = [:]

    /// As it was when it was asked for first; `nil` if it was gone.
    mutating func policy(_ id: String, in records: any BrokerRecords) async throws(StoreError) -> AccessPolicy? {
        if let known = byID[id] { return known }
        let policy = try await records.policy(id)
        byID[id] = .some(policy)
        return policy
    }
}
