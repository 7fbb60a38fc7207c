import AccessControl
import BrokerStore
import FoundationEssentials
import Logging
import PolicyFiles
import ServiceLifecycle
import StrictYAML
import UnixSignals

/// Reads policies and teams anew at SIGHUP and replaces all of them at once. What can't be used changes nothing.
struct PolicyReload: Service {
    let path: String
    let routing: NoticeRouting
    let records: any BrokerRecords
    let logger: Logger
    let now: @Sendable () -> Date

    func run() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { await reload() }
    }

    func reload() async {
        do {
            let checked = try PolicyFile.read(path: path)
            try checked.check(routing, file: path)
            for warning in checked.warnings { logger.warning("policy may fail", metadata: ["why": "\(warning)"]) }
            try await adopt(checked.catalog)
            logger.info("policies reloaded")
        } catch {
            logger.error("policies not reloaded", metadata: ["reason": "\(error)"])
        }
    }

    /// From now on these are the policies and teams; each difference is an audit event.
    func adopt(_ catalog: PolicyCatalog) async throws(StoreError) {
        for change in try await records.replaceCatalog(with: catalog, at: now()) {
            logger.info(
                "policy or team replaced",
                metadata: [
                    "subject": "\(change.subject.rawValue)", "id": "\(excerpt(change.id))",
                    "change": "\(change.change.rawValue)",
                ])
        }
    }
}
