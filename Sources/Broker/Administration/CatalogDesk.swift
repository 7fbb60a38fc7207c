import AccessControl
import BrokerAPI
import BrokerStore
import FoundationEssentials
import Hummingbird
import Logging
import PolicyFiles
import StrictYAML

/// What administrators do with policies and teams: look at them, write them, remove them. Each change is written only if what is
/// stored is what its author has seen.
struct CatalogDesk: Sendable {
    /// How many items a page of a filtered list looks at, at most; then it has less, and goes on with the next one.
    private static let mostLookedAt = 1_000

    private let records: any CatalogRecords
    /// Where files govern, their path: changes are made there, and refused here.
    private let file: String?
    private let routing: NoticeRouting
    private let allowsExternalID: Bool
    private let hasEvaluator: Bool
    private let logger: Logger
    private let now: @Sendable () -> Date

    init(_ administration: Administration, logger: Logger, now: @escaping @Sendable () -> Date) {
        records = administration.records
        file = administration.file
        routing = administration.routing
        allowsExternalID = administration.allowsExternalID
        hasEvaluator = administration.hasEvaluator
        self.logger = logger
        self.now = now
    }

    /// In the order of their ids; `containing` is looked for in ids and contents, whatever the case.
    func items(
        _ subject: AuditedPolicyChange.Subject, containing text: String, page: PageRequest
    ) async throws -> (items: [CatalogItem], next: PageToken?) {
        var (found, last, lookedAt) = ([CatalogItem](), page.token?.key, 0)
        while lookedAt < Self.mostLookedAt {
            let after = last
            let part = try await reading { () async throws(StoreError) in
                try await records.catalogItems(subject, after: after, limit: page.limit)
            }
            for item in part {
                (last, lookedAt) = (item.id, lookedAt + 1)
                if text.isEmpty || item.mentions(text.lowercased()) { found.append(item) }
                if found.count == page.limit { return (found, PageToken(after: item.id)) }
            }
            if part.count < page.limit { return (found, nil) }
        }
        return (found, last.map(PageToken.init(after:)))
    }

    func item(_ subject: AuditedPolicyChange.Subject, _ id: String) async throws -> CatalogItem {
        guard let item = try await current(subject, id) else { throw CatalogFailure.notFound(subject) }
        return item
    }

    /// Newest first, also of what is gone.
    func versions(
        _ subject: AuditedPolicyChange.Subject, _ id: String, page: PageRequest
    ) async throws -> (versions: [CatalogVersion], next: PageToken?) {
        let before = try page.token.map { token in
            guard let revision = Int64(token.key) else { throw PageRequest.foreignToken }
            return revision
        }
        let versions = try await reading { () async throws(StoreError) in
            try await records.catalogHistory(subject, id, before: before, limit: page.limit)
        }
        if versions.isEmpty, before == nil { throw CatalogFailure.notFound(subject) }
        let next = versions.count < page.limit ? nil : versions.last.map { PageToken(after: "\($0.revision)") }
        return (versions, next)
    }

    /// Writes what the body says, as one policy or team of `policies.yaml` in JSON.
    func write(
        _ subject: AuditedPolicyChange.Subject, _ id: String, _ body: [UInt8], if precondition: Precondition,
        by administrator: Principal
    ) async throws -> (item: CatalogItem, warnings: [String]) {
        if let file { throw CatalogFailure.governedByFiles(file) }
        let author = ChangeAuthor.administrator(administrator)
        let expected = precondition.expectation(besides: try await current(subject, id)?.version)
        let change: CatalogChange
        var warnings: [String] = []
        switch subject {
        case .policy:
            let (policy, ownWarnings) = try decoded(body) { json, name throws(InvalidYAML) in
                try PolicyBody.policy(json, name: name, hasTargets: routing.hasTargets)
            }
            try check(policy, named: id)
            let evaluatorOnly = hasEvaluator ? EvaluatorOnlyPolicies([policy]).warning : nil
            warnings = ownWarnings + [evaluatorOnly].compactMap(\.self)
            change = try reading { () throws(StoreError) in
                try CatalogChange(policy, expected: expected, author: author)
            }
        case .team:
            let team = try decoded(body, PolicyBody.team)
            try check(team.id, is: id)
            change = try reading { () throws(StoreError) in
                try CatalogChange(team, expected: expected, author: author)
            }
        case .catalog: throw CatalogFailure.notFound(subject)
        }
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
}

extension CatalogDesk {
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

    private func decoded<Content>(
        _ body: [UInt8], _ decode: ([UInt8], String) throws(InvalidYAML) -> Content
    ) throws -> Content {
        do throws(InvalidYAML) {
            return try decode(body, "body")
        } catch {
            // What isn't JSON at all is the client's; the rest, the administrator's.
            guard StrictYAML.isWellFormedJSON(body) else { throw Problem.invalidRequest("\(error)") }
            throw CatalogFailure.unusable("\(error)")
        }
    }

    private func check(_ id: String, is wanted: String) throws {
        guard id == wanted else { throw CatalogFailure.unusable("id must be \"\(excerpt(wanted))\", as in the path") }
    }

    private func check(_ policy: AccessPolicy, named id: String) throws {
        try check(policy.id, is: id)
        guard policy.externalID == nil || allowsExternalID else {
            throw CatalogFailure.unusable(policy.problemOfExternalID)
        }
        do throws(IssuanceFailure) {
            try routing.check(policy.approval)
        } catch {
            throw CatalogFailure.unusable("approval.notify: \(error.description)")
        }
    }

    private func current(_ subject: AuditedPolicyChange.Subject, _ id: String) async throws -> CatalogItem? {
        try await reading { () async throws(StoreError) in try await records.catalogItem(subject, id) }
    }

    private func reading<Value: Sendable>(_ body: () async throws(StoreError) -> Value) async throws -> Value {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw failed(error)
        }
    }

    private func reading<Value>(_ body: () throws(StoreError) -> Value) throws -> Value {
        do throws(StoreError) {
            return try body()
        } catch {
            throw failed(error)
        }
    }

    private func failed(_ error: StoreError) -> ApprovalFailure {
        logger.error("records failed", metadata: ["act": "policies", "error": "\(error)"])
        return .records(error)
    }
}

extension CatalogItem {
    /// - Parameter text: in lower case.
    fileprivate func mentions(_ text: String) -> Bool {
        id.lowercased().contains(text) || document.lowercased().contains(text)
    }
}
