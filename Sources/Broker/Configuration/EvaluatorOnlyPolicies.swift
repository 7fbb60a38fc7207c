import AccessControl
import BrokerStore
import FoundationEssentials
import Logging
import PolicyFiles

/// The policies whose requests only the evaluator can let through. They have neither `automatic`, before which it isn't
/// asked, nor `approval`, by which people decide where it wants one or gives no answer; then they are refused.
struct EvaluatorOnlyPolicies {
    /// How many are named; a company may have thousands.
    private static let mostNamed = 10
    private static let batch = 200

    private var named: [String] = []
    private var count = 0

    init(_ policies: [AccessPolicy]) {
        for policy in policies { add(policy) }
    }

    /// Those in the records, whoever governs them. What can't be read there gives nobody anything, and is left out.
    init(in records: any CatalogRecords) async throws(StoreError) {
        var last: String?
        while true {
            let items = try await records.catalogItems(.policy, after: last, limit: Self.batch)
            for item in items {
                if let policy = try? AccessPolicy(document: Data(item.document.utf8)) { add(policy) }
            }
            guard items.count == Self.batch, let next = items.last?.id else { return }
            last = next
        }
    }

    /// One sentence without its end; `nil` if there are none.
    var warning: String? {
        guard count > 0 else { return nil }
        let more = count > named.count ? " and \(count - named.count) more" : ""
        return "without approval: \(named.joined(separator: ", "))\(more); what the evaluator wants a person for, or "
            + "doesn't answer, is refused there"
    }

    /// One line, or none if there is nothing to say.
    func warn(_ logger: Logger) {
        if let warning { logger.warning("policies may fail", metadata: ["why": "\(warning)"]) }
    }

    private mutating func add(_ policy: AccessPolicy) {
        guard policy.automatic == nil, policy.approval == nil else { return }
        count += 1
        if named.count < Self.mostNamed { named.append("\"\(excerpt(policy.id))\"") }
    }
}

extension LoadedConfiguration {
    var hasEvaluator: Bool { server.evaluator != nil }

    /// What the files say that is allowed, and likely to fail all the same; one sentence each.
    var warnings: [String] {
        let alone = hasEvaluator ? EvaluatorOnlyPolicies(catalog.catalog.policies).warning : nil
        let warnings = catalog.warnings(hasTargets: notifications.routing.hasTargets)
        return warnings.map(\.description) + [alone].compactMap(\.self)
    }
}
