import AccessControl
import BrokerStore

/// The policies of requests, as they are now.
extension ApprovalDesk {
    /// The policy of one of a list, if it is still what it was when that was asked for.
    func unchangedPolicy(
        of approval: ApprovalCase, knowing policies: inout KnownPolicies
    ) async throws(ApprovalFailure) -> AccessPolicy? {
        approval.unchanged(try await policy(of: approval, knowing: &policies))
    }

    /// Where many are looked at: each policy is read once.
    func policy(
        of approval: ApprovalCase, knowing policies: inout KnownPolicies
    ) async throws(ApprovalFailure) -> AccessPolicy? {
        do throws(StoreError) {
            return try await policies.policy(approval.content.policyID, in: records)
        } catch .unreadable {
            return nil
        } catch {
            throw failed(error)
        }
    }

    func policy(of approval: ApprovalCase) async throws(ApprovalFailure) -> AccessPolicy? {
        try await policy(approval.content.policyID)
    }

    /// As it is now; `nil` if it is gone or can't be used.
    func policy(_ id: String) async throws(ApprovalFailure) -> AccessPolicy? {
        do {
            return try await records.policy(id)
        } catch .unreadable {
            return nil
        } catch {
            throw failed(error)
        }
    }
}
