import AccessControl
import BrokerStore
import Logging

/// Writing and removing, each only if what is stored is what its author has seen.
extension CatalogDesk {
    /// Writes what the body says, as one policy or team of `policies.yaml` in JSON.
    func write(
        _ subject: AuditedPolicyChange.Subject, _ id: String, _ body: [UInt8], if precondition: Precondition,
        by administrator: Principal
    ) async throws -> (item: CatalogItem, warnings: [String]) {
        if let file { throw CatalogFailure.governedByFiles(file) }
        let expected = precondition.expectation(besides: try await current(subject, id)?.version)
        let (change, warnings) = try written(subject, id, body, if: expected, by: .administrator(administrator))
        guard let item = try await make(change) else { throw CatalogFailure.notFound(subject) }
        return (item, warnings)
    }

    func remove(
        _ subject: AuditedPolicyChange.Subject, _ id: String, if precondition: Precondition,
        by administrator: Principal
    ) async throws {
        if let file { throw CatalogFailure.governedByFiles(file) }
        guard let current = try await current(subject, id) else { throw CatalogFailure.notFound(subject) }
        guard case .version(let version) = precondition.expectation(besides: current.version) else {
            throw CatalogFailure.otherVersion
        }
        let author = ChangeAuthor.administrator(administrator)
        _ = try await make(CatalogChange(removing: subject, id, version: version, author: author))
    }

    /// The change that a body asks for, and what is to be said about it.
    private func written(
        _ subject: AuditedPolicyChange.Subject, _ id: String, _ body: [UInt8], if expected: CatalogChange.Expectation,
        by author: ChangeAuthor
    ) throws -> (change: CatalogChange, warnings: [String]) {
        switch subject {
        case .policy:
            let (policy, warnings) = try bodies.policy(body, named: id)
            let change = try reading { () throws(StoreError) in
                try CatalogChange(policy, expected: expected, author: author)
            }
            return (change, warnings)
        case .team:
            let team = try bodies.team(body, named: id)
            let change = try reading { () throws(StoreError) in
                try CatalogChange(team, expected: expected, author: author)
            }
            return (change, [])
        case .catalog: throw CatalogFailure.notFound(subject)
        }
    }

    private func make(_ change: CatalogChange) async throws -> CatalogItem? {
        let instant = now()
        let outcome = try await reading { () async throws(StoreError) in
            try await records.change(change, at: instant)
        }
        switch outcome {
        case .done(let item):
            logger.info(
                "policy or team changed",
                metadata: [
                    "subject": "\(change.subject.rawValue)", "id": "\(excerpt(change.id))",
                    "by": "\(excerpt(change.author.userName ?? ""))",
                ])
            return item
        case .otherVersion: throw CatalogFailure.otherVersion
        case .policyInUse(let team): throw CatalogFailure.policyInUse(team: team)
        case .noSuchPolicy(let id):
            throw CatalogFailure.unusable("policies names \"\(excerpt(id))\", which is no policy here")
        case .governedByFiles: throw CatalogFailure.governedByFiles(file ?? "the broker's files")
        }
    }
}
