import AccessControl
package import BrokerStore
package import Logging

/// The policies that a principal's teams may request, and no others.
package struct RequestablePolicies: Sendable {
    private let records: any BrokerRecords
    private let logger: Logger

    package init(records: any BrokerRecords, logger: Logger) {
        self.records = records
        self.logger = logger
    }

    /// Sorted by id. A policy that can't be read is left out, and logged.
    func list(for principal: Principal) async throws(IssuanceFailure) -> [AccessPolicy] {
        var policies: [AccessPolicy] = []
        for id in Set(try await teams(principal.teams).flatMap(\.policies)).sorted() {
            if let policy = try await policy(id) { policies.append(policy) }
        }
        return policies
    }

    private func teams(_ ids: [String]) async throws(IssuanceFailure) -> [Team] {
        do { return try await records.teams(ids) } catch { throw failed(error) }
    }

    private func policy(_ id: String) async throws(IssuanceFailure) -> AccessPolicy? {
        do {
            return try await records.policy(id)
        } catch .unreadable(let what) {
            logger.error("policy unusable", metadata: ["problem": "\(what)"])
            return nil
        } catch {
            throw failed(error)
        }
    }

    private func failed(_ error: StoreError) -> IssuanceFailure {
        logger.error("records failed", metadata: ["act": "list policies", "error": "\(error)"])
        return IssuanceFailure(error, of: nil)
    }
}
