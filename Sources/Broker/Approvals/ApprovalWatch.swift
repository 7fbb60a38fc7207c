import AccessControl
package import BrokerStore
package import FoundationEssentials
package import Logging
import ServiceLifecycle

/// Writes what comes about without anybody, and tells people: requests that nobody decided on in time, and grants that are void because
/// their policy is another one by now. Neither could be used since then, whether this has run or not.
package struct ApprovalWatch: Service {
    /// How many are read at once.
    private static let batch = 200

    private let records: any BrokerRecords
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let unreadable = UnreadableRequests()

    package init(records: any BrokerRecords, logger: Logger, now: @escaping @Sendable () -> Date) {
        self.records = records
        self.logger = logger
        self.now = now
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await look()
                try? await ContinuousClock().sleep(for: .seconds(30))
            }
        }
    }

    /// Looks through all of them once.
    package func look() async {
        do throws(StoreError) {
            let instant = now()
            for approval in try await cases(.overdue(at: instant)) {
                await write(approval, from: .pending, at: instant) { approval throws(RefusedChange) in
                    try approval.expire(at: instant)
                }
            }
            var policies = KnownPolicies()
            for approval in try await cases(.granted(at: instant)) where try await isVoid(approval, knowing: &policies)
            {
                await write(approval, from: approval.state(at: instant), at: instant, revokesGrant: true) {
                    approval throws(RefusedChange) in try approval.fail(at: instant)
                }
            }
        } catch {
            logger.error("records failed", metadata: ["act": "watch requests", "error": "\(error)"])
        }
    }

    private func cases(_ selection: CaseSelection) async throws(StoreError) -> [ApprovalCase] {
        var (cases, unreadable, place): ([ApprovalCase], [String], CaseCursor?) = ([], [], nil)
        repeat {
            let listed = try await records.listedCases(selection, after: place, limit: Self.batch)
            cases += listed.cases
            unreadable += listed.unreadable
            place = listed.next
        } while place != nil
        self.unreadable.report(unreadable, to: logger)
        return cases
    }

    private func isVoid(
        _ approval: ApprovalCase, knowing policies: inout KnownPolicies
    ) async throws(StoreError) -> Bool {
        do throws(StoreError) {
            let policy = try await policies.policy(approval.content.policyID, in: records)
            return policy?.version.description != approval.content.policyVersion
        } catch .unreadable {
            // Somebody broke it, and may mend it.
            return false
        }
    }

    /// If somebody else was faster, there is nothing more to do.
    private func write(
        _ before: ApprovalCase, from state: RequestState, at instant: Date, revokesGrant: Bool = false,
        _ change: (inout ApprovalCase) throws(RefusedChange) -> Void
    ) async {
        var approval = before
        do {
            try change(&approval)
            let event = AuditedStateChange(
                requestID: approval.requestID, of: approval.content.requester, from: state,
                to: approval.state(at: instant), actor: nil)
            try await records.update(
                CaseChange(
                    approval, events: [.stateChange(event)], revokesGrant: revokesGrant,
                    notices: approval.notices(actor: nil, comment: nil, at: instant)), at: instant)
            logger.info(
                "request changed",
                metadata: [
                    "request": "\(approval.requestID)", "from": "\(state.rawValue)",
                    "to": "\(approval.stored.rawValue)",
                ])
        } catch {
            logger.info(
                "request not changed", metadata: ["request": "\(approval.requestID)", "error": "\(error)"])
        }
    }
}
