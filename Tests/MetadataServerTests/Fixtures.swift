import CallerIdentity
import CredentialCache
import Credentials
import FoundationEssentials
import Logging
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import MetadataServer

/// A cache that holds what the test says.
final class FakeSource: CredentialSource {
    private struct State {
        var lookups: [CredentialKey: CredentialLookup] = [:]
        var waiters: [CredentialKey: [@Sendable () -> Void]] = [:]
        var asked: [CredentialKey] = []
    }

    private let state = Mutex(State())

    func set(_ lookup: CredentialLookup, for role: String, user: UInt32 = 1000) {
        state.withLock { $0.lookups[.of(role, user: user)] = lookup }
    }

    /// Ends the attempt that requests for the role wait for.
    func endAttempt(_ role: String, user: UInt32 = 1000) {
        let waiters = state.withLock { $0.waiters.removeValue(forKey: .of(role, user: user)) ?? [] }
        for resume in waiters { resume() }
    }

    var waiterCount: Int { state.withLock { $0.waiters.values.reduce(0) { $0 + $1.count } } }
    var asked: [CredentialKey] { state.withLock { $0.asked } }

    func lookup(_ key: CredentialKey, now: Date) -> CredentialLookup {
        state.withLock {
            $0.asked.append(key)
            return $0.lookups[key] ?? .fetching
        }
    }

    func held(among keys: [CredentialKey], now: Date) -> [(key: CredentialKey, form: any PreparedForm)] {
        state.withLock { state in
            keys.compactMap { key in
                if case .usable(let form)? = state.lookups[key] { (key, form) } else { nil }
            }
        }
    }

    func awaitNextAttempt(_ key: CredentialKey, then resume: @escaping @Sendable () -> Void) {
        state.withLock { $0.waiters[key, default: []].append(resume) }
    }
}

extension CredentialKey {
    static func of(_ role: String, user: UInt32 = 1000) -> CredentialKey {
        CredentialKey(principal: .localUser(user), role: role)
    }
}

/// A service for uid 1000 (roles `developer`, the default, and `auditor`), uid 1001 (`developer` of its own) and uid 1002
/// (two roles, no default).
struct Fixture {
    static let now = Date(timeIntervalSince1970: 1_767_225_600)  // 2026-01-01T00:00:00Z
    static let secret = "wJalrXUtnFEMI/K7MDENG+secret"
    static let sessionToken = "IQoJb3JpZ2luX2Vj+token=="

    let source = FakeSource()
    let callers = CallerState()
    var tokens: ContainerTokens { callers.containerTokens }
    let service: MetadataService

    init() {
        let rules = CallerRules([
            CallerRule(
                user: 1000, principal: .localUser(1000), roles: ["developer", "auditor"], defaultRole: "developer"),
            CallerRule(user: 1001, principal: .localUser(1001), roles: ["developer"]),
            CallerRule(user: 1002, principal: .localUser(1002), roles: ["developer", "auditor"]),
            Self.networkRule("172.17.0.0/16", principal: .localUser(1000), roles: ["developer"]),
        ])
        service = MetadataService(
            source: source, rules: rules, callers: callers,
            facts: InstanceFacts(region: "eu-west-1", accountID: "123456789012"), startedAt: Self.now - 3600)
        source.set(.usable(Self.prepared()), for: "developer")
    }

    static func prepared(
        role: String = "developer", secret: String = secret, expiresIn seconds: TimeInterval = 3600
    ) -> PreparedCredentials {
        PreparedCredentials(credentials(role: role, secret: secret, expiresIn: seconds), lastUpdated: now - 60)
    }

    static func credentials(
        role: String = "developer", secret: String = secret, expiresIn seconds: TimeInterval = 3600
    ) -> SessionCredentials {
        guard let arn = try? RoleARN("arn:aws:iam::123456789012:role/team/\(role)") else { fatalError("a bad fixture") }
        return SessionCredentials(
            accessKeyID: "ASIAIOSFODNN7EXAMPLE", secretAccessKey: Secret(secret), sessionToken: Secret(sessionToken),
            expiration: now + seconds, issuedAt: now - 60, roleARN: arn)
    }

    /// A rule about callers from elsewhere.
    static func networkRule(
        _ network: String, listeners: Set<String>? = nil, principal: Principal?, roles: [String]
    ) -> CallerRule {
        var rule = CallerRule(user: nil, listeners: listeners, principal: principal, roles: roles)
        rule.network = IPNetwork(network)
        return rule
    }

    /// A listener on 127.0.0.1:8080, or a Unix socket.
    static func listener(
        _ face: ListenerFace, allowsIMDSv1: Bool = false, requiresToken: Bool = true, unix: Bool = false
    ) -> ListenerContext {
        var configuration = ListenerConfiguration(
            name: "test", face: face, address: .tcp(host: "127.0.0.1", port: 8080))
        configuration.allowsIMDSv1 = allowsIMDSv1
        configuration.requiresToken = requiresToken
        return ListenerContext(configuration, address: unix ? nil : "127.0.0.1", port: unix ? nil : 8080)
    }

    static func caller(_ userID: UInt32) -> Result<Caller, UnknownCaller> {
        .success(Caller(userID: userID, groupID: nil, processID: nil))
    }

    /// A connection from another machine's address, or a container's.
    static func caller(from address: String) -> Result<Caller, UnknownCaller> {
        guard let address = IPAddress(address) else { fatalError("a bad fixture") }
        return .failure(.notThisMachine(address))
    }

    /// Asks as the SDKs do, with `Host`.
    func ask(
        _ method: HTTPMethod, _ target: String, _ headers: [(String, String)] = [], host: String? = "127.0.0.1:8080",
        as caller: Result<Caller, UnknownCaller> = caller(1000), at listener: ListenerContext, now: Date = now,
        isFinal: Bool = false
    ) -> Answer {
        let request = MetadataRequest(method, target, (host.map { [("Host", $0)] } ?? []) + headers)
        return service.answer(request, from: caller, at: listener, now: now, isFinal: isFinal)
    }
}

extension MetadataRequest {
    init(_ method: HTTPMethod, _ target: String, _ fields: [(String, String)], version: HTTPVersion = .http1_1) {
        let known = Array(method.rawValue.utf8).withUnsafeBytes { Method(FieldText($0)) }
        self.init(method: known, target: target, isHTTP10: version == .http1_0)
        for (name, value) in fields {
            Array(name.utf8).withUnsafeBytes { name in
                Array(value.utf8).withUnsafeBytes { note(FieldText(name), FieldText($0)) }
            }
        }
    }
}

extension Answer {
    /// The response; a waiting answer fails the test.
    func response(_ location: SourceLocation = #_sourceLocation) throws -> MetadataResponse {
        guard case .respond(let response) = self else {
            Issue.record("it waits instead of answering", sourceLocation: location)
            throw CancellationError()
        }
        return response
    }

    var awaitedKey: CredentialKey? {
        if case .awaitCredentials(let key) = self { key } else { nil }
    }
}

extension MetadataResponse {
    var bodyText: String {
        switch body {
        case .text(let text): text
        case .secret(let secret): secret.revealed()
        }
    }

    /// The body's members, if it is a JSON object of strings and nulls.
    func members() throws -> [String: String?] {
        try JSONDecoder().decode([String: String?].self, from: Data(bodyText.utf8))
    }
}
