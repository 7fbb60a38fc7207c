import AWSAPI
import AccessControl
import Broker
import BrokerAPI
import BrokerStore
import Credentials
import Foundation
import GRDB
import Hummingbird
import HummingbirdTesting
import IDTokens
import Logging
import PolicyFiles
import Synchronization
import TestSupport
import Testing

/// The whole broker on a real SQLite file, with a stand-in for STS and one for the check of tokens.
final class BrokerUnderTest: Sendable {
    let records: FailingRecords
    let sts = FakeSTS()
    let console = FakeConsole()
    let tokens = FakeTokens()
    let log = LogLines()
    let clock = SettableClock()
    let metrics = BrokerMetrics()
    let auditKey = AuditSigningKey()
    let path: String
    private let web: WebParts?
    private let chainsRoles: Bool
    private let isGovernedByAPI: Bool
    private let allowsExternalID: Bool
    private let namesGrants: Bool
    private let routing: NoticeRouting
    private let evaluator: (any RequestEvaluating)?
    private let edge: BrokerEdge
    private let folder: URL

    init(
        policies: String = BrokerUnderTest.policies, chainsRoles: Bool = false, namesGrants: Bool = false,
        routing: NoticeRouting = BrokerUnderTest.routing, evaluator: (any RequestEvaluating)? = nil,
        hasPages: Bool = false, isGovernedByAPI: Bool = false, allowsExternalID: Bool = true,
        edge: BrokerEdge = BrokerEdge()
    ) async throws {
        web = hasPages ? WebParts(settings: FakeProvider.settings, provider: FakeProvider(clock: clock)) : nil
        self.edge = edge
        self.isGovernedByAPI = isGovernedByAPI
        self.allowsExternalID = allowsExternalID
        self.evaluator = evaluator
        self.namesGrants = namesGrants
        self.routing = routing
        folder = FileManager.default.temporaryDirectory.appending(path: "broker-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appending(path: "broker.sqlite").path()
        self.chainsRoles = chainsRoles
        let store = try SQLiteRecords(path: path)
        records = FailingRecords(store)
        try await load(policies)
        if isGovernedByAPI {
            try await store.setCatalogSource(.api, insteadOf: .file, by: .file("server.yaml"), at: clock.now)
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    static let policies = """
        policies:
          - {id: reader, description: reads, account: "111122223333",
             base_role: "arn:aws:iam::111122223333:role/Reader", risk: 10, user_tags: [department], default_tags: [{stage: dev}], max_duration: 2h}
          - {id: admin, description: administers, account: "111122223333",
             base_role: "arn:aws:iam::111122223333:role/Admin", risk: 80, max_duration: 1h,
             approval: {teams: [security], expires_after: 2h}}
          - {id: root, description: two must agree, account: "111122223333",
             base_role: "arn:aws:iam::111122223333:role/Root", risk: 99, max_duration: 1h,
             approval: {teams: [security, developers], count: 2, own_requests: false}}
          - {id: foreign, description: of others, account: "111122223333",
             base_role: "arn:aws:iam::111122223333:role/Foreign", risk: 1, max_duration: 1h}
        teams:
          - {id: developers, policies: [reader, admin, root]}
          - {id: others, policies: [foreign]}
        """

    static let routing = NoticeRouting(approverTargets: ["desk"], requesters: [.email: "people"])

    func load(_ policies: String) async throws {
        let catalog = try PolicyFile.decode(policies, file: "policies.yaml").catalog
        _ = try await records.base.replaceCatalog(with: catalog, by: .file("policies.yaml"), at: clock.now)
    }

    var logger: Logger { log.logger }

    var parts: BrokerParts {
        let now: @Sendable () -> Date = { [clock] in clock.now }
        let claims = [FakeTokens.issuer: ClaimMapping(user: "cognito:username", teams: "custom:teams")]
        return BrokerParts(
            authenticator: Authenticator(tokens: tokens, claims: claims, records: records, logger: logger, now: now),
            issuance: CredentialIssuance(
                records: records, roles: sts, sessionNaming: SessionNaming(issuers: 1, namesGrants: namesGrants),
                chainsRoles: { [chainsRoles] in chainsRoles },
                routing: routing, evaluator: evaluator, metrics: metrics, logger: logger, now: now),
            records: records,
            links: ConsoleLinks(
                signIn: console, omitsDuration: { [chainsRoles] in chainsRoles }, logger: logger, now: now),
            logger: logger, auditors: ["security"],
            signIns: [BrokerConfiguration.Issuer(issuer: "https://idp.example", clientID: "cli")],
            administration: Administration(
                records: records.base, administrators: ["security"], file: isGovernedByAPI ? nil : "policies.yaml",
                routing: routing, allowsExternalID: allowsExternalID, hasEvaluator: evaluator != nil),
            web: web, edge: edge, metrics: metrics,
            seal: AuditSeal(trail: records.base, key: auditKey, logger: logger, now: now), now: now)
    }

    /// One request to the application.
    func send(
        _ method: HTTPRequest.Method, _ path: String, token: String? = FakeTokens.developer, body: String? = nil,
        contentType: String? = "application/json"
    ) async throws -> Answer {
        var headers: HTTPFields = [:]
        if let token { headers[.authorization] = "Bearer \(token)" }
        if let contentType, body != nil { headers[.contentType] = contentType }
        return try await send(method, path, headers: headers, body: body.map { Array($0.utf8) })
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, headers: HTTPFields, body: [UInt8]?
    ) async throws -> Answer {
        let application = buildApplication(parts, address: .hostname("127.0.0.1", port: 0))
        let response = try await application.test(.router) { client in
            try await client.execute(
                uri: path, method: method, headers: headers, body: body.map { ByteBuffer(bytes: $0) })
        }
        return Answer(
            status: response.status.code, headers: response.headers, body: String(buffer: response.body))
    }

    /// Asks for credentials under a policy.
    func ask(_ policy: String, seconds: Int? = 900, token: String = FakeTokens.developer) async throws -> Answer {
        let duration = seconds.map { ",\"duration_seconds\":\($0)" } ?? ""
        return try await send(.post, "/v1/credentials", token: token, body: "{\"policy\":\"\(policy)\"\(duration)}")
    }

    func auditKinds() async throws -> [AuditEvent.Kind] {
        try await records.auditTrail(after: 0, limit: 1000).map(\.event.kind).filter { $0 != .policyChange }
    }

    /// What people are still to be told, now or later.
    func outbox() async throws -> [AddressedNotice] {
        try await records.base.dueNotices(at: .distantFuture, limit: 100).notices.map(\.addressed)
    }

    /// Changes the database behind the broker's back.
    func tamper(_ sql: String) throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: sql) }
    }

    /// All rows of each table, but for SQLite's own.
    func contents() throws -> [String: [String]] {
        try DatabaseQueue(path: path).read { database in
            let names = try String.fetchAll(
                database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            var contents: [String: [String]] = [:]
            for name in names {
                contents[name] = try Row.fetchAll(database, sql: "SELECT * FROM \(name)").map { "\($0)" }
            }
            return contents
        }
    }
}

/// An answer of the broker.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let body: String

    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
    }

    /// The stable code, if this is a well-formed problem document that agrees with the status line.
    var problemCode: String? {
        guard headers[.contentType] == "application/problem+json", json["status"] as? Int == status,
            json["type"] as? String == "about:blank",
            json["title"] as? String == HTTPResponse.Status(code: status).reasonPhrase,
            let detail = json["detail"] as? String,
            !detail.isEmpty
        else { return nil }
        return json["code"] as? String
    }

    var detail: String { json["detail"] as? String ?? "" }
}

/// A clock that stands still until it is set.
final class SettableClock: Sendable {
    private let instant = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: Date { instant.withLock { $0 } }

    func advance(by seconds: TimeInterval) {
        instant.withLock { $0.addTimeInterval(seconds) }
    }
}
