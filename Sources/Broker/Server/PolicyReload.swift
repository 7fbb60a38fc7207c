import AccessControl
import BrokerStore
import FoundationEssentials
import Logging
import PolicyFiles
import StrictYAML

/// Reads policies and teams anew and replaces all of them at once. What can't be used changes nothing.
struct PolicyReload: Sendable {
    /// `nil` where the API governs them: then there is nothing to read.
    let path: String?
    let routing: NoticeRouting
    let mode: AWSSection.Mode
    let hasEvaluator: Bool
    let records: any CatalogRecords
    let logger: Logger
    let now: @Sendable () -> Date

    /// - Returns: what came of it, in one line for people.
    func reload() async -> String {
        guard let path else {
            logger.info("policies are governed by the api, nothing to read anew")
            return "Policies are governed by the API"
        }
        do {
            let checked = try PolicyFile.read(path: path)
            try checked.check(routing, file: path)
            try checked.check(mode, file: path)
            for warning in checked.warnings(hasTargets: routing.hasTargets) {
                logger.warning("policy may fail", metadata: ["why": "\(warning)"])
            }
            if hasEvaluator { EvaluatorOnlyPolicies(checked.catalog.policies).warn(logger) }
            try await adopt(checked.catalog, from: path)
            logger.info("policies reloaded")
            return "Policies reloaded"
        } catch {
            logger.error("policies not reloaded", metadata: ["reason": "\(error)"])
            return "Policies not reloaded; the log says why"
        }
    }

    /// From now on these are the policies and teams; each difference is an audit event.
    func adopt(_ catalog: PolicyCatalog, from path: String) async throws(StoreError) {
        for change in try await records.replaceCatalog(with: catalog, by: .file(path), at: now()) {
            logger.info(
                "policy or team replaced",
                metadata: [
                    "subject": "\(change.subject.rawValue)", "id": "\(excerpt(change.id))",
                    "change": "\(change.change.rawValue)",
                ])
        }
    }
}
