import AccessControl
import BrokerStore
import FoundationEssentials
import Logging

/// What administrators do with policies and teams: look at them, write them, remove them. Each change is written only if what is
/// stored is what its author has seen.
struct CatalogDesk: Sendable {
    /// How many items a page of a filtered list looks at, at most; then it has less, and goes on with the next one.
    private static let mostLookedAt = 1_000

    let records: any CatalogRecords
    /// Where files govern, their path: changes are made there, and refused here.
    let file: String?
    let bodies: CatalogBodies
    let logger: Logger
    let now: @Sendable () -> Date

    init(_ administration: Administration, logger: Logger, now: @escaping @Sendable () -> Date) {
        records = administration.records
        file = administration.file
        bodies = CatalogBodies(administration)
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
}

extension CatalogDesk {
    func current(_ subject: AuditedPolicyChange.Subject, _ id: String) async throws -> CatalogItem? {
        try await reading { () async throws(StoreError) in try await records.catalogItem(subject, id) }
    }

    func reading<Value: Sendable>(_ body: () async throws(StoreError) -> Value) async throws -> Value {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw failed(error)
        }
    }

    func reading<Value>(_ body: () throws(StoreError) -> Value) throws -> Value {
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
