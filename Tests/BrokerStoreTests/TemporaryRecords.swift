import AccessControl
import BrokerStore
import Credentials
import Foundation
import GRDB
import Testing

/// Records in a real file of their own, and a second, independent way into that file.
final class TemporaryRecords: Sendable {
    let path: String
    let records: SQLiteRecords
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "records-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appending(path: "broker.sqlite").path()
        records = try SQLiteRecords(path: path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Runs SQL as somebody would who opened the file with a tool.
    func tamper(_ sql: String) throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: sql) }
    }

    func text(_ sql: String) throws -> String? {
        try DatabaseQueue(path: path).read { try String.fetchOne($0, sql: sql) }
    }
}

extension SQLiteRecords {
    /// As a file does it.
    func replaceCatalog(with catalog: PolicyCatalog, at instant: Date) async throws -> [AuditedPolicyChange] {
        try await replaceCatalog(with: catalog, by: .file("policies.yaml"), at: instant)
    }
}

enum Sample {
    static let instant = Date(timeIntervalSince1970: 1_800_000_000)
    static let source = RequestSource(
        address: SourceAddress("2001:db8::7"), clientCertificate: "dns:laptop-7.example.com")
    static let principal = Principal(
        id: PrincipalID(issuer: "https://idp.example", subject: "sub-1"), userName: "developer", teams: ["developers"],
        claims: [:], source: source)

    static func policy(_ id: String = "reader", description: String = "reads", risk: Int = 10) throws -> AccessPolicy {
        try AccessPolicy(
            id: id, description: description, account: "111122223333",
            baseRole: try RoleARN("arn:aws:iam::111122223333:role/Reader"), risk: try #require(Risk(risk)),
            maximumDuration: .seconds(3600))
    }

    static func catalog(_ policies: [AccessPolicy], teams: [Team] = []) throws -> PolicyCatalog {
        try PolicyCatalog(policies: policies, teams: teams)
    }

    /// An allowed request with its grant, from now on for an hour.
    static func allowed(
        _ policy: AccessPolicy, delivery: Grant.Delivery = .pickUp, principal: Principal = principal,
        at instant: Date = instant
    ) throws -> DecidedRequest {
        let request = AccessRequest(
            id: .random(), principal: principal, policyID: policy.id, duration: nil, reason: "because",
            receivedAt: instant)
        let facts = AccessFacts(
            policy: policy, teams: [try Team(id: "developers", policies: [policy.id])], chainsRoles: false)
        let grant = Grant(
            requestID: request.id, principal: principal.id, userName: principal.userName, policyID: policy.id,
            policyVersion: policy.version, tags: [PolicyTag(key: "a", value: "ü=\"1\"")], delivery: delivery,
            notBefore: instant, notAfter: instant.addingTimeInterval(3600))
        return DecidedRequest(
            request, decision: AccessRules.standard.decide(request, knowing: facts), policyVersion: policy.version,
            grant: grant)
    }

    /// A case of that request, which waits for one of the team `security`, or is approved if the rule is `nil`.
    static func approval(
        of request: AccessRequest, _ policy: AccessPolicy,
        rule: ApprovalRule? = ApprovalRule(
            teams: ["security"], count: 1, allowsOwnRequests: false, patienceSeconds: 3600)
    ) -> ApprovalCase {
        let content = RequestContent(
            requester: request.principal.id, policyID: policy.id, policyVersion: policy.version,
            tags: [PolicyTag(key: "a", value: "ü=\"1\"")], durationSeconds: 1800, reason: request.reason, startsAt: nil)
        return ApprovalCase(
            requestID: request.id, content: content, requester: request.principal, rule: rule,
            at: request.receivedAt)
    }

    static func issuance(under grant: Grant) -> AuditedIssuance {
        AuditedIssuance(
            under: grant, roleARN: "arn:aws:iam::111122223333:role/Reader", sessionName: "developer",
            sourceIdentity: "developer", accessKeyID: "ASIAEXAMPLE", expiration: "2027-01-15T09:00:00Z", source: source)
    }
}
