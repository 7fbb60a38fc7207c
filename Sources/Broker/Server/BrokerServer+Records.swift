import AccessControl
import BrokerStore
import PolicyFiles
import StrictYAML

/// What is done with the records before anybody is served.
extension BrokerServer {
    func openRecords() throws(StartFailure) -> SQLiteRecords {
        do { return try SQLiteRecords(path: loaded.databasePath) } catch { throw .records(error) }
    }

    /// Reads the policies, or leaves them to the API. What administrators wrote is not replaced by a file unless somebody says
    /// so; what a file said is where administrators begin.
    func adoptPolicies(_ records: SQLiteRecords) async throws(StartFailure) {
        do {
            let current = try await records.catalogSource()
            guard let path = loaded.policiesPath else {
                guard current != .api else { return }
                return try await records.setCatalogSource(
                    .api, insteadOf: current, by: .file(loaded.path), at: now())
            }
            if current == .api {
                guard replacesGoverned else { throw StartFailure.governedByAPI(policies: path) }
                try await records.setCatalogSource(.file, insteadOf: .api, by: .file(loaded.path), at: now())
            }
            try await policyReload(records).adopt(loaded.catalog.catalog, from: path)
        } catch let failure as StartFailure {
            throw failure
        } catch let error as StoreError {
            throw .records(error)
        } catch {
            throw .serving("\(error)")
        }
    }

    func policyReload(_ records: SQLiteRecords) -> PolicyReload {
        PolicyReload(
            path: loaded.policiesPath, routing: loaded.notifications.routing, mode: loaded.server.aws.mode,
            hasEvaluator: loaded.hasEvaluator, records: records, logger: logger, now: now)
    }

    /// Signs the trail. Fails if its key can't be used; one that nobody has named is made.
    func auditSeal(of records: SQLiteRecords) throws(StartFailure) -> AuditSeal {
        do throws(InvalidYAML) {
            let key =
                if let path = loaded.auditKeyPath {
                    try AuditKeyFile.read(path)
                } else {
                    try AuditKeyFile.readOrCreate(loaded.databasePath + ".audit-key")
                }
            return AuditSeal(
                trail: records, key: key, schedule: loaded.server.audit?.schedule ?? CheckpointSchedule(),
                logger: logger, now: now)
        } catch {
            throw .auditKey(error)
        }
    }

    /// Whether the trail holds; what is found goes to the log.
    func verified(_ seal: AuditSeal, wholly: Bool = false) async throws(StartFailure) -> Bool {
        do { return try await seal.verify(wholly: wholly) } catch { throw .records(error) }
    }
}
