import AccessControl
import Foundation
import GRDB
import Testing

@testable import BrokerStore

/// What auditors find by the name of a session, or by its key.
@Suite struct AuditExcerptTests {
    private let file: TemporaryRecords

    init() throws { file = try TemporaryRecords() }

    /// Writes a request that was approved, then what happened under its grant. Its id.
    @discardableResult
    private func write(_ happened: (Grant) -> [AuditEvent]) throws -> String {
        let policy = try Sample.policy()
        let decided = try Sample.allowed(policy)
        let (request, grant) = (decided.request, try #require(decided.grant))
        let approval = Sample.approval(of: request, policy)
        let vote = ApprovalCase.Vote(
            voter: Sample.principal.id, userName: "approver", choice: .approve, comment: nil, at: Sample.instant)
        let events: [AuditEvent] = [
            .request(AuditedRequest(request)),
            .decision(AuditedDecision(decided.decision, on: request, policyVersion: policy.version)),
            .vote(AuditedVote(vote, on: approval, source: Sample.source)),
            .stateChange(
                AuditedStateChange(
                    requestID: request.id, of: Sample.principal.id, from: .pending, to: .active, actor: nil)),
        ]
        let more = happened(grant)
        try DatabaseQueue(path: file.path).write { database in
            for event in events + more { try database.append(event, at: Sample.instant) }
        }
        return request.id.description
    }

    private func issuances(
        _ numbers: ClosedRange<Int>, under grant: Grant, session: String = "developer"
    ) -> [AuditEvent] {
        numbers.map { number in
            var issuance = Sample.issuance(under: grant)
            issuance.accessKeyID = "ASIA\(number)"
            issuance.sessionName = session
            return .issuance(issuance)
        }
    }

    private func refusals(_ count: Int, under grant: Grant, withholding key: String? = nil) -> [AuditEvent] {
        (0..<count).map { _ in
            .refusal(
                AuditedRefusal(of: grant, code: "access_denied", detail: "no", withholding: key, source: Sample.source))
        }
    }

    /// The kinds of what ``write(_:)`` writes, with so much under the grant.
    private func story(_ issuances: Int, refusals: Int = 0) -> [AuditEvent.Kind] {
        let steps: [AuditEvent.Kind] = [.request, .decision, .vote, .stateChange]
        return steps + [AuditEvent.Kind](repeating: .issuance, count: issuances)
            + [AuditEvent.Kind](repeating: .refusal, count: refusals)
    }

    private func kinds(_ excerpt: AuditExcerpt) -> [AuditEvent.Kind] {
        excerpt.records.compactMap { AuditEvent.Kind(rawValue: $0.kind) }
    }

    /// The keys of its issuances, in their order.
    private func keys(_ excerpt: AuditExcerpt) throws -> [String] {
        try excerpt.records.filter { $0.kind == "issuance" }.map { line in
            try JSONDecoder().decode(AuditedIssuance.self, from: Data(line.details.utf8)).accessKeyID
        }
    }

    @Test func `a key that was issued half a day after its request is found, with what led to it`() async throws {
        let request = try write { issuances(1...1440, under: $0) }
        for number in [1, 1401, 1440] {
            let excerpt = try await file.records.auditExcerpt(about: "ASIA\(number)")
            #expect(try keys(excerpt) == ["ASIA\(number)"])
            #expect(kinds(excerpt) == story(1))
            #expect(excerpt.records.allSatisfy { $0.requestID == request })
            #expect(excerpt.leftOut == ["issuance"])
        }
    }

    @Test func `what is all that there is says nothing of more`() async throws {
        try write { issuances(1...1, under: $0) + refusals(2, under: $0) }
        try write { issuances(2...2, under: $0, session: "other") }
        for name in ["ASIA1", "developer"] {
            let excerpt = try await file.records.auditExcerpt(about: name)
            #expect(kinds(excerpt) == story(1, refusals: 2))
            #expect(excerpt.leftOut == nil)
        }
        let none = try await file.records.auditExcerpt(about: "nobody")
        #expect(none == AuditExcerpt(records: []))
    }

    @Test func `of a session's name, the oldest issuances are left out, and no request that came after them`()
        async throws
    {
        let first = try write { issuances(1...1440, under: $0) }
        let second = try write { issuances(1441...1442, under: $0) }
        let excerpt = try await file.records.auditExcerpt(about: "developer")
        #expect(try keys(excerpt) == (1343...1442).map { "ASIA\($0)" })
        #expect(excerpt.leftOut == ["issuance"])
        #expect(kinds(excerpt) == story(98) + story(2))
        #expect(Set(excerpt.records.compactMap(\.requestID)) == [first, second])
        #expect(excerpt.records.map(\.sequence) == excerpt.records.map(\.sequence).sorted())
    }

    @Test func `of the refusals under its request, the newest hundred are there, and the key itself all the same`()
        async throws
    {
        try write { issuances(1...1, under: $0) + refusals(150, under: $0) }
        let excerpt = try await file.records.auditExcerpt(about: "ASIA1")
        #expect(kinds(excerpt) == story(1, refusals: 100))
        #expect(excerpt.records.last?.sequence == 155 && excerpt.leftOut == ["refusal"])
    }

    @Test func `a key that was minted and withheld is found, however often the request was refused since`() async throws
    {
        try write { refusals(1, under: $0, withholding: "ASIA1") + refusals(150, under: $0) }
        let excerpt = try await file.records.auditExcerpt(about: "ASIA1")
        #expect(kinds(excerpt) == story(0, refusals: 101))
        #expect(excerpt.records[4].details.contains(#""accessKeyID":"ASIA1""#))
        #expect(excerpt.leftOut == ["refusal"])
    }

    @Test func `sessions that are named like a key don't hide it`() async throws {
        let request = try write { issuances(1...1, under: $0) }
        try write { issuances(2...200, under: $0, session: "ASIA1") }
        let excerpt = try await file.records.auditExcerpt(about: "ASIA1")
        #expect(try keys(excerpt).first == "ASIA1")
        #expect(excerpt.records.prefix(5).allSatisfy { $0.requestID == request })
    }

    @Test func `keys of a trail from before are found as they were`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "records-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "broker.sqlite").path()
        let grant = try #require(try Sample.allowed(Sample.policy()).grant)
        do {
            let old = try DatabaseQueue(path: path)
            try Schema.migrator.migrate(old, upTo: "70 inline policies of requests")
            try await old.write { [events = issuances(1...2, under: grant)] database in
                for event in events { try database.append(event, at: Sample.instant) }
            }
            try old.close()
        }
        let excerpt = try await SQLiteRecords(path: path).auditExcerpt(about: "ASIA2")
        #expect(try keys(excerpt) == ["ASIA2"] && excerpt.leftOut == ["issuance"])
    }
}
